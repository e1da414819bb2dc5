"""Sign requests: copies that people are asked to sign, until they did, or somebody gives up."""

import pytest

from box_dialect.emulator.signing import decide

DAY = 86_400
SIGNER = {"email": "signer@example.net", "role": "signer"}


@pytest.fixture(scope="module")
def box(start):
    with start() as client:
        yield client


@pytest.fixture
def file(box, place):
    return box.upload("offer.docx", b"Sign here", place)["entries"][0]["id"]


@pytest.fixture
def ask(box, file, place):
    """Return a function that asks for a signature of the file."""

    def asking(status=201, **more):
        body = {
            "signers": [SIGNER], "source_files": [{"type": "file", "id": file}],
            "parent_folder": {"type": "folder", "id": place},
        }  # fmt: skip
        return box.post("/sign_requests", body | more, status, check_request=False)

    return asking


def test_a_request(box, ask, file, place):
    made = ask(email_subject="Please", days_valid=2, signature_color="blue", external_id="17")
    assert (made["type"], made["status"], made["name"]) == ("sign-request", "converting", "offer.docx.pdf")
    said = ("Please", 2, "blue", "17")
    assert tuple(made[name] for name in ("email_subject", "days_valid", "signature_color", "external_id")) == said
    assert made["source_files"] == [{"type": "file", "id": file, "etag": "0"}]
    (copy,) = made["sign_files"]["files"]
    assert (copy["name"], copy["id"] != file) == ("offer.docx.pdf", True)
    names = [entry["name"] for entry in box.get(f"/folders/{place}/items")["entries"]]
    assert names == ["offer.docx", "offer.docx.pdf"]
    admin = box.store.admin
    assert [(each["email"], each["role"]) for each in made["signers"]] == [
        (admin.login, "final_copy_reader"), ("signer@example.net", "signer"),
    ]  # fmt: skip
    assert (made["sender_email"], made["sender_id"]) == (admin.login, int(admin.id))
    got = box.get(f"/sign_requests/{made['id']}")
    assert got == {**made, "status": "sent"}
    assert got in box.get("/sign_requests?limit=1000")["entries"]


def test_a_password_is_not_told(box, ask):
    made = ask(signers=[{**SIGNER, "password": "secret", "embed_url_external_user_id": "1"}])
    assert "secret" not in repr(box.store.sign_requests[made["id"]].signers)
    assert "5011972001" not in str(ask(400, signers=[{**SIGNER, "password": 5_011_972_001}]))
    signer = made["signers"][1]
    assert "password" not in signer
    assert signer["embed_url"].startswith("https://")


def test_names_do_not_clash(box, ask, file, place):
    first, second = ask(name="Contract.pdf"), ask(name="Contract")
    assert [each["sign_files"]["files"][0]["name"] for each in (first, second)] == ["Contract.pdf", "Contract (1).pdf"]
    assert first["name"] == second["name"] == "Contract.pdf"
    other = box.upload("annex.txt", b"", place)["entries"][0]["id"]
    both = ask(name="Both", source_files=[{"type": "file", "id": each} for each in (file, other)])
    assert [each["name"] for each in both["sign_files"]["files"]] == ["offer.docx.pdf", "annex.txt.pdf"]


@pytest.mark.parametrize(
    ("wrong", "status"),
    [
        ({"signers": []}, 400), ({"signers": [{"role": "signer"}]}, 400), ({"signers": [SIGNER] * 36}, 400),
        ({"source_files": []}, 400), ({"source_files": [{"type": "file", "id": "1"}]}, 404),
        ({"parent_folder": {"type": "folder", "id": "0"}}, 400), ({"template_id": "1"}, 404),
        ({"days_valid": 731}, 400), ({"name": "a/b"}, 400), ({"parent_folder": {"type": "folder", "id": "1"}}, 404),
    ],
)  # fmt: skip
def test_what_cannot_be_asked(ask, wrong, status):
    code = "item_name_invalid" if "name" in wrong else {400: "bad_request", 404: "not_found"}[status]
    assert ask(status, **wrong)["code"] == code


def test_a_template_has_files_and_signers(box):
    template = box.get("/sign_templates")["entries"][0]
    assert box.get(f"/sign_templates/{template['id']}") == template
    made = box.post("/sign_requests", {"signers": [], "template_id": template["id"]})
    assert made["template_id"] == template["id"]
    assert made["parent_folder"]["id"] == template["parent_folder"]["id"]
    assert made["signers"][1]["email"] == template["signers"][0]["email"]
    with box.signed_in(box.ready["user_id"]) as other:
        assert other.get("/sign_templates")["entries"] == []
        other.get(f"/sign_templates/{template['id']}", 404)


def test_a_request_is_cancelled_once(box, ask):
    path = f"/sign_requests/{ask()['id']}"
    assert box.call("POST", f"{path}/resend", 202).content == b""
    assert box.post(f"{path}/cancel", {"reason": "No more"}, 200)["status"] == "cancelled"
    assert box.get(path)["status"] == "cancelled"
    for action in ("cancel", "resend"):
        assert box.call("POST", f"{path}/{action}", 400).json()["code"] == "bad_request"


@pytest.mark.parametrize("decision", ["signed", "declined"])
def test_signers_decide(box, ask, decision):
    other = {**SIGNER, "email": "Other@example.net"}
    made = ask(signers=[SIGNER, other])
    path, request = f"/sign_requests/{made['id']}", box.store.sign_requests[made["id"]]
    decide(box.store, request, "signer@example.net", "signed")
    got = box.get(path)
    assert (got["status"], got["finished_at"]) == ("viewed", None)
    assert [each["has_viewed_document"] for each in got["signers"]] == [False, True, False]
    decide(box.store, request, "other@example.net", decision)
    got = box.get(path)
    assert (got["status"], got["finished_at"] is not None) == (decision, True)
    assert got["signers"][2]["signer_decision"]["type"] == decision
    box.post(f"{path}/cancel", {}, 400)


def test_a_request_expires(box, ask):
    path = f"/sign_requests/{ask(days_valid=1)['id']}"
    with box.clock(DAY + 60):
        assert box.get(path)["status"] == "expired"
        box.post(f"{path}/cancel", {}, 400)


def test_a_request_goes_with_its_documents(box, ask):
    made = ask()
    box.delete(f"/files/{made['sign_files']['files'][0]['id']}")
    assert box.get(f"/sign_requests/{made['id']}", 404)["code"] == "not_found"
    assert made["id"] not in [entry["id"] for entry in box.get("/sign_requests?limit=1000")["entries"]]


def test_documents_that_wait_to_be_prepared(ask):
    made = ask(is_document_preparation_needed=True)
    assert made["prepare_url"].startswith("https://app.box.com/sign/document/")


def test_who_sees_a_request(box, ask, place):
    made, admin = ask(), box.store.admin
    path = f"/sign_requests/{made['id']}"
    with box.signed_in(box.ready["user_id"]) as other:
        other.get(path, 404)
        box.share(place, role="viewer")
        assert other.get(path)["id"] == made["id"]
        assert made["id"] not in [entry["id"] for entry in other.get("/sign_requests")["entries"]]
        shared = other.get("/sign_requests?shared_requests=true")["entries"]
        assert made["id"] in [entry["id"] for entry in shared]
        by_sender = f"/sign_requests?shared_requests=true&senders={admin.login}"
        assert [each["id"] for each in other.get(by_sender)["entries"]] == [each["id"] for each in shared]
        assert other.get("/sign_requests?shared_requests=true&senders=no@example.net")["entries"] == []
        assert other.post(f"{path}/cancel", {}, 403)["code"] == "access_denied_insufficient_permissions"
    assert box.get("/sign_requests?senders=a@example.net", 400)["code"] == "bad_request"
