"""What administrators set for the enterprise: device pins, terms of service, allowlists, storage; and webhooks."""

import pytest

from box_dialect.emulator.resources import webhooks
from box_dialect.emulator.resources.device_pinners import DevicePinner
from box_dialect.emulator.resources.terms_of_services import TermsOfService


@pytest.fixture
def user(box, place):
    """Return a user of the test's own."""
    return box.store.add_user(f"User {place}", f"user{place}@example.com")


def pins(box, query=""):
    return box.get(f"/enterprises/{box.ready['enterprise_id']}/device_pinners?{query}")


def test_device_pins_are_listed_either_way(box):
    page = pins(box, "limit=2&direction=DESC")
    assert page["order"] == [{"by": "id", "direction": "desc"}]
    ids = [int(pin["id"]) for pin in page["entries"]]
    rest = pins(box, f"limit=1000&direction=DESC&marker={page['next_marker']}")
    ids += [int(pin["id"]) for pin in rest["entries"]]

    assert ids == sorted(map(int, box.store.device_pinners), reverse=True)
    assert rest.keys() == {"entries", "limit", "order"}
    assert [int(pin["id"]) for pin in pins(box)["entries"]] == ids[::-1]
    assert page["entries"][0].keys() == {"type", "id", "owned_by", "product_name"}


def test_a_device_pin_is_read_and_deleted_by_administrators(box, user):
    pin = box.store.add(DevicePinner(owned_by=user, product_name="iPad")).id
    assert (box.get(f"/device_pinners/{pin}")["product_name"], pins(box, "limit=1000")["limit"]) == ("iPad", 1000)
    with box.signed_in(user.id) as other:
        other.get(f"/device_pinners/{pin}", 403)
        other.delete(f"/device_pinners/{pin}", 403)
        other.get(f"/enterprises/{box.ready['enterprise_id']}/device_pinners", 403)
    box.delete(f"/device_pinners/{pin}")
    box.get(f"/device_pinners/{pin}", 404)
    assert box.get("/enterprises/1/device_pinners", 404)["code"] == "not_found"


def test_terms_of_service_are_one_of_each_type(box):
    box.post("/terms_of_services", {"status": "enabled", "tos_type": "managed", "text": "Ours."}, 200)
    terms = box.get("/terms_of_services")
    assert terms.keys() == {"entries", "total_count"}
    assert {each["tos_type"] for each in terms["entries"]} == {"managed", "external"}
    (managed,) = box.get("/terms_of_services?tos_type=managed")["entries"]
    assert managed.keys() == {"type", "id", "status", "enterprise", "tos_type", "text", "created_at", "modified_at"}
    assert box.post("/terms_of_services", {"status": "disabled", "text": ""}, 409)["code"] == "conflict"

    path = f"/terms_of_services/{managed['id']}"
    assert box.put(path, {"status": "enabled", "text": ""}, 400)["context_info"]["errors"][0]["name"] == "text"
    assert box.put(path, {"status": "disabled", "text": ""})["text"] == ""
    assert box.get(path)["status"] == "disabled"
    with box.signed_in(box.ready["user_id"]) as other:
        other.get("/terms_of_services", 403)
        other.put(path, {"status": "enabled", "text": "x"}, 403)


def test_terms_of_service_are_made_where_there_are_none(start):
    with start(synthetic=0) as box:
        for terms in list(box.store.of(TermsOfService).values()):
            box.store.remove(terms)
        assert box.store.terms_of_service_user_statuses == {}
        made = box.post("/terms_of_services", {"status": "enabled", "text": "Be kind."}, 200)
        assert (made["tos_type"], made["enterprise"]) == ("managed", box.store.enterprise)
        external = {"status": "enabled", "text": "Likewise.", "tos_type": "external"}
        assert box.post("/terms_of_services", external, 200)["tos_type"] == "external"


def test_users_tell_for_themselves_whether_they_accept(box, user):
    terms = next(iter(box.store.terms_of_services))
    body = {"tos": {"type": "terms_of_service", "id": terms}, "user": {"type": "user", "id": user.id}}
    path = "/terms_of_service_user_statuses"
    with box.signed_in(user.id) as own:
        made = own.post(path, {**body, "is_accepted": False})
        assert own.put(f"{path}/{made['id']}", {"is_accepted": True})["is_accepted"] is True
        assert own.get(f"{path}?tos_id={terms}&user_id={user.id}")["total_count"] == 1
        own.get(f"{path}?tos_id={terms}", 403)
        other = {**body, "user": {"type": "user", "id": box.ready["user_id"]}}
        own.post(path, {**other, "is_accepted": True}, 403)
    assert made["tos"] == {"type": "terms_of_service", "id": terms}
    assert box.get(f"{path}?tos_id={terms}")["total_count"] >= 1
    assert box.get(path, 400, check_request=False)["context_info"]["errors"][0]["name"] == "tos_id"
    box.get(f"{path}?tos_id=1", 404)


@pytest.mark.parametrize("domain", ["", "x", "a b.example", "@example.com", "-.example", "example."])
def test_what_is_no_domain(box, domain):
    body = {"domain": domain, "direction": "both"}
    error = box.post("/collaboration_whitelist_entries", body, 400)
    assert error["context_info"]["errors"][0]["name"] == "domain"


def test_a_domain_is_on_the_list_once(box):
    body = {"domain": "once.example", "direction": "both"}
    box.post("/collaboration_whitelist_entries", body, 200)
    assert box.post("/collaboration_whitelist_entries", {**body, "domain": "ONCE.example"}, 409)["code"] == "conflict"


def resolved(box, kind, identity):
    query = f"resolved_for_type={kind}&resolved_for_id={identity}"
    (entry,) = box.get(f"/storage_policy_assignments?{query}")["entries"]
    return entry


def test_a_user_has_the_storage_policy_of_the_enterprise_or_an_own_one(box, user):
    enterprise = box.ready["enterprise_id"]
    here, elsewhere = box.get("/storage_policies")["entries"]
    assert here.keys() == {"type", "id", "name"}
    assert box.get(f"/storage_policies/{here['id']}") == here
    general = resolved(box, "enterprise", enterprise)
    assert general == {
        "type": "storage_policy_assignment",
        "id": f"enterprise_{enterprise}",
        "storage_policy": {"type": "storage_policy", "id": here["id"]},
        "assigned_to": {"type": "enterprise", "id": enterprise},
    }
    assert resolved(box, "user", user.id) == general

    policy = {"type": "storage_policy", "id": elsewhere["id"]}
    body = {"storage_policy": policy, "assigned_to": {"type": "user", "id": user.id}}
    made = box.post("/storage_policy_assignments", body, 200)
    assert (made["id"], made["storage_policy"]) == (f"user_{user.id}", policy)
    assert resolved(box, "user", user.id) == made
    box.delete(f"/storage_policy_assignments/{made['id']}")
    assert resolved(box, "user", user.id) == general
    box.delete(f"/storage_policy_assignments/{general['id']}", 403)


def test_whom_a_storage_policy_is_assigned_to(box):
    policy = {"type": "storage_policy", "id": next(iter(box.store.storage_policies))}
    external = next(user.id for user in box.store.users.values() if user.enterprise is None)
    for kind, identity in (("user", "1"), ("user", external), ("enterprise", "1")):
        assigned = {"type": kind, "id": identity}
        box.post("/storage_policy_assignments", {"storage_policy": policy, "assigned_to": assigned}, 404)
        box.get(f"/storage_policy_assignments?resolved_for_type={kind}&resolved_for_id={identity}", 404)
    unknown = {"storage_policy": {**policy, "id": "1"}, "assigned_to": {"type": "user", "id": box.ready["user_id"]}}
    box.post("/storage_policy_assignments", unknown, 404)
    missing = box.get("/storage_policy_assignments", 400, check_request=False)["context_info"]["errors"]
    assert [each["name"] for each in missing] == ["resolved_for_type", "resolved_for_id"]


def test_an_assignment_is_deleted_twice_a_day(start):
    with start(synthetic=0, box_rates=True) as box:
        user = box.store.add_user("User", "somebody@example.com").id
        policy = {"type": "storage_policy", "id": next(iter(box.store.storage_policies))}
        body = {"storage_policy": policy, "assigned_to": {"type": "user", "id": user}}
        for status in (204, 204, 429):
            made = box.post("/storage_policy_assignments", body, 200)
            box.delete(f"/storage_policy_assignments/{made['id']}", status)


def hook(box, target, status=201, **changes):
    body = {"target": target, "address": "https://example.com/x", "triggers": ["FILE.UPLOADED"], **changes}
    return box.post("/webhooks", body, status)


@pytest.mark.parametrize(
    "address",
    [
        "http://example.com",
        "https://example.com:8443/",
        "https:///x",
        "example.com",
        "https://[::1",
        "https://a:x/",
        "",
    ],
)
def test_a_webhook_is_called_by_https_at_its_port(box, place, address):
    error = hook(box, {"type": "folder", "id": place}, 400, address=address)
    assert error["context_info"]["errors"][0]["name"] == "address"


def test_what_has_webhooks(box, place):
    file = box.upload("a.txt", b"", place)["entries"][0]["id"]
    made = hook(box, {"type": "file", "id": file})
    assert made.keys() == {"type", "id", "target", "created_by", "created_at", "address", "triggers"}
    assert hook(box, {"type": "folder", "id": "0"}, 400)["context_info"]["errors"][0]["name"] == "target.id"
    assert hook(box, {"type": "file", "id": "1"}, 404)["code"] == "not_found"
    other = hook(box, {"type": "folder", "id": place})
    error = box.put(f"/webhooks/{other['id']}", {"target": {"type": "file", "id": file}}, 409)
    assert error["code"] == "conflict"


def test_each_user_has_own_webhooks_and_sees_those_on_what_they_own(box, place):
    target = {"type": "folder", "id": place}
    own = hook(box, target)["id"]
    box.share(place)
    with box.signed_in(box.ready["user_id"]) as other:
        theirs = hook(other, target)["id"]
        listed = {each["id"] for each in other.get("/webhooks?limit=1000")["entries"]}
        assert (theirs in listed, own in listed) == (True, False)
    assert {own, theirs} <= {each["id"] for each in box.get("/webhooks?limit=1000")["entries"]}


def test_so_many_webhooks_a_user_has(box, place, monkeypatch):
    user = box.store.users[box.ready["user_id"]]
    monkeypatch.setattr(webhooks, "MANY", len(user.of(webhooks.Webhook)))
    box.share(place)
    with box.signed_in(user.id) as other:
        assert hook(other, {"type": "folder", "id": place}, 400)["code"] == "bad_request"
