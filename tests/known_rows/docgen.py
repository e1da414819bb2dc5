"""Templates of documents, their tags, and the documents that were generated."""

from known_rows import Written

ROWS = {
    "docgen_templates": (
        "SELECT file_name, f.name FROM docgen_templates t JOIN files f ON f.id = t.file_id",
        [
            ("ACME master agreement.pdf", "ACME master agreement.pdf"),
            ("O'Brien & Söhne.docx", "O'Brien & Söhne.docx"),
        ],
    ),
    "docgen_template_tags": (
        (
            "SELECT file_name, tag_content, tag_type, json_paths FROM docgen_template_tags g "
            "JOIN docgen_templates t ON t.file_id = g.template_id"
        ),
        [
            ("ACME master agreement.pdf", "{{to}}", "text", '["to"]'),
            ("ACME master agreement.pdf", "{{from}}", "text", '["from"]'),
        ],
    ),
    "docgen_jobs": (
        (
            "SELECT j.status, output_type, f.name, u.name, source, failure_errors ->> '$[0]' FROM docgen_jobs j "
            "JOIN users u ON u.id = j.created_by_id LEFT JOIN files f ON f.id = j.output_file_id"
        ),
        [
            ("completed", "pdf", "ACME master agreement.pdf", "Ada Admin", "api", None),
            (
                "failed",
                "pdf",
                None,
                "Ada Admin",
                "api",
                "There is something called 'ACME master agreement.pdf' already",
            ),
        ],
    ),
    "docgen_batch_jobs": (
        "SELECT count(*), count(DISTINCT batch_id), count(output_file_id) FROM docgen_batch_jobs",
        [(2, 1, 1)],
    ),
}

CALLS = {"docgen_templates": 1, "docgen_template_tags": 3, "docgen_jobs": 1, "docgen_batch_jobs": 1}

WRITTEN = {"docgen_templates": [Written(insert={"file_id": "1200000000004"})]}
