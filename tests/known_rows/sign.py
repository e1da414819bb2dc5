"""Sign requests, their signers and their templates."""

from known_rows import Written

ROWS = {
    "sign_requests": (
        (
            "SELECT r.name, r.status, f.name, t.name, u.name, json_array_length(r.source_files) FROM sign_requests r "
            "JOIN folders f ON f.id = r.parent_folder_id JOIN sign_templates t ON t.id = r.template_id "
            "JOIN users u ON u.id = r.sender_id"
        ),
        [
            ("ACME master agreement.pdf.pdf", status, "Signed", "Offer", "Ada Admin", 1)
            for status in ("sent", "cancelled", "signed")
        ],
    ),
    "sign_request_signers": (
        (
            "SELECT position, email, s.role, signing_order FROM sign_request_signers s "
            "JOIN sign_requests r ON r.id = s.sign_request_id WHERE r.status = 'sent'"
        ),
        [(1, "admin@example.com", "final_copy_reader", 0), (2, "signer@example.net", "signer", 1)],
    ),
    "sign_templates": (
        "SELECT name, parent_folder_name, ready_sign_link_is_active, signers ->> '$[0].email' FROM sign_templates",
        [("Offer", "Signed", True, "signer@example.net"), ("Non-disclosure", "Signed", True, "signer@example.net")],
    ),
}

CALLS = {"sign_requests": 2, "sign_request_signers": 2, "sign_templates": 1}

WRITTEN = {
    "sign_requests": [
        Written(
            insert={
                "name": "Lease",
                "source_files": '[{"id": "1200000000004", "type": "file"}]',
                "signers": '[{"email": "admin@example.com"}, {"email": "a@example.com", "role": "approver"}]',
                "parent_folder_id": "160000000002",
                "days_valid": 7,
                "template_id": "d518c4b6-43ad-5ead-8b65-2570030a87a4",
                "is_document_preparation_needed": False,
                "redirect_url": "https://example.com/signed",
                "declined_redirect_url": "https://example.com/declined",
                "are_text_signatures_enabled": False,
                "signature_color": "blue",
                "email_subject": "Please sign",
                "email_message": "It is about the flat.",
                "are_reminders_enabled": True,
                "prefill_tags": '[{"document_tag_id":"1","text_value":"x"}]',
                "external_id": "7",
                "external_system_name": "Rent",
                "request_flow": "standard",
            },
            reads={"name": "Lease.pdf", "source_files": ..., "signers": ...},
            delete=False,
        ),
    ],
}
