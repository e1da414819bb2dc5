"""What tables of Box's services ask Box for, and what they say where an enterprise lacks one of these."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from scripted_box import ScriptedBox, rows, run

import box_dialect
from box_dialect.emulator import Emulator, Options
from box_dialect.emulator.resources import FEATURES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conftest import Box

HUBS = [("Sales kit",), ("Handbook",)]
SCOPES = {"view_only": [], "editable": HUBS, "all": HUBS}


def test_hubs_are_searched_and_listed_by_what_the_user_may_do(connection: box_dialect.Connection) -> None:
    handbook = [("Handbook",)]
    for condition in ("hubs MATCH 'things'", "search = 'things'", "hubs MATCH 'things' AND scope = 'editable'"):
        assert rows(connection, f"SELECT title FROM hubs WHERE {condition}") == handbook
    assert rows(connection, "SELECT title FROM hubs WHERE hubs MATCH 'things' AND scope = 'view_only'") == []
    assert rows(connection, "SELECT title FROM enterprise_hubs WHERE enterprise_hubs MATCH 'things'") == handbook
    for scope, found in SCOPES.items():
        assert rows(connection, "SELECT title FROM hubs WHERE scope = ?", scope) == found


def test_items_of_a_hub_are_read_by_the_list_that_they_stand_in(connection: box_dialect.Connection) -> None:
    query = (
        "SELECT p.title_fragment, i.name FROM hub_document_blocks b JOIN hub_document_pages p ON p.id = b.page_id "
        "JOIN hub_items i ON i.hub_id = b.hub_id AND i.parent_id = b.id WHERE b.type = 'item_list'"
    )
    assert rows(connection, query) == [
        ("Handbook", "ACME master agreement.pdf"),
        ("Handbook", "O'Brien & Söhne.docx"),
    ]


def test_several_items_of_a_hub_are_read_once_by_their_keys(connection: box_dialect.Connection) -> None:
    both = "hub_id = '2170000001' AND item_type = 'file' AND item_id IN ('1200000000001', '1200000000002')"
    found = rows(connection, f"SELECT item_id FROM hub_items WHERE {both}")
    assert sorted(found) == [("1200000000001",), ("1200000000002",)]


def test_an_item_is_put_into_a_list_of_a_hub_once(fresh: Box) -> None:
    with fresh.connect() as connection:
        second = rows(connection, "SELECT b.id FROM hub_document_blocks b WHERE b.hub_id = '2170000002'")[0][0]
        insert = (
            "INSERT INTO hub_items (hub_id, item_type, item_id, parent_id) VALUES (?, 'folder', ?, ?) RETURNING name"
        )
        put = "2170000002", "160000000002", second
        assert run(connection, insert, *put).fetchall() == [("2023",)]
        with pytest.raises(box_dialect.IntegrityError, match="The item is in the hub already"):
            run(connection, insert, *put)
        with pytest.raises(box_dialect.OperationalError, match="does not exist"):
            run(connection, insert, "2170000002", "160000000003", "721d97d7-ac8a-4e5e-adb6-ef11af4e6d9e")
        query = "SELECT item_id FROM hub_items WHERE hub_id = '2170000002' AND parent_id = ?"
        assert rows(connection, query, second) == [("160000000002",)]


def test_agents_are_listed_by_what_they_can_do(connection: box_dialect.Connection) -> None:
    for mode, names in {"ask": ["Box AI", "Contract reader"], "text_gen": []}.items():
        assert sorted(rows(connection, "SELECT name FROM ai_agents WHERE mode = ?", mode)) == [(n,) for n in names]


def test_what_an_update_of_an_agent_leaves_stays(fresh: Box) -> None:
    with fresh.connect() as connection:
        query = "SELECT access_state, icon_reference, ask, extract, text_gen FROM ai_agents WHERE id = '2160000001'"
        before = rows(connection, query)
        run(connection, "UPDATE ai_agents SET name = 'Reader' WHERE id = '2160000001'")
        assert rows(connection, query) == before


def test_requests_of_others_are_listed_where_the_documents_are_shared(fresh: Box) -> None:
    store = fresh.store
    (file,) = {each for request in store.sign_requests.values() for each in request.sign_files}
    other = store.users["20000000004"]
    url = fresh.url.replace(f"SubjectId={store.admin.id}", f"SubjectId={other.id}")
    with box_dialect.connect(url) as connection:
        assert rows(connection, "SELECT id FROM sign_requests") == []
        store.add_collaboration(file, other, "viewer", store.admin)
        everything = rows(connection, "SELECT id, sender_id FROM sign_requests")
        assert {sender for _, sender in everything} == {store.admin.id}
        assert len(everything) == len(store.sign_requests)
        by_sender = "SELECT id, sender_id FROM sign_requests WHERE sender_email = ?"
        assert sorted(rows(connection, by_sender, store.admin.login)) == sorted(everything)
        assert rows(connection, by_sender, other.login) == []
        assert len(rows(connection, "SELECT * FROM sign_request_signers")) == 2 * len(everything)
    with fresh.connect() as connection:
        both = "SELECT id FROM sign_requests WHERE sender_email IN (?, ?)"
        assert len(rows(connection, both, store.admin.login, other.login)) == len(everything)


def test_the_name_of_a_new_template_is_returned(fresh: Box) -> None:
    with fresh.connect() as connection:
        insert = "INSERT INTO docgen_templates (file_id) VALUES ('1200000000004') RETURNING file_name"
        assert run(connection, insert).fetchall() == [("budget 100%.xlsx",)]


def test_the_tags_of_a_version_are_those_that_it_has(fresh: Box) -> None:
    template = fresh.store.items["file"]["1200000000001"]
    first = template.versions[-1].id
    fresh.store.add_version(template, type(template.content)(b"Dear {{name}}"), fresh.store.admin)
    with fresh.connect() as connection:
        query = "SELECT tag_content FROM docgen_template_tags WHERE template_id = '1200000000001'"
        assert rows(connection, query) == [("{{name}}",)]
        assert rows(connection, f"{query} AND template_version_id = ?", first) == [("{{to}}",), ("{{from}}",)]


def test_tags_that_box_has_yet_to_find_are_asked_for_again(fresh: Box) -> None:
    operation = "get_docgen_templates_id_tags_v2025.0"
    not_ready = {"operation": operation, "status": 202, "headers": {"Retry-After": "0"}, "body": {"message": "Wait"}}
    query = "SELECT tag_content FROM docgen_template_tags WHERE template_id = '1200000000001'"
    with fresh.connect() as connection:
        fresh.faults({**not_ready, "times": 1})
        assert rows(connection, query) == [("{{to}}",), ("{{from}}",)]
        fresh.faults({**not_ready, "times": 100})
        with pytest.raises(box_dialect.OperationalError, match=r"Wait \(HTTP 202.*not ready yet; try again later"):
            rows(connection, query)


NARROWED: dict[str, tuple[str, dict[str, str]]] = {
    "SELECT id FROM integration_mappings_slack WHERE partner_item_type = 'channel' AND partner_item_id = 'C1'": (
        "GET /integration_mappings/slack",
        {"partner_item_type": "channel", "partner_item_id": "C1"},
    ),
    "SELECT id FROM integration_mappings_slack WHERE box_item_id = '7' AND is_manually_created": (
        "GET /integration_mappings/slack",
        {"box_item_id": "7"},
    ),
    "SELECT id FROM integration_mappings_slack WHERE is_manually_created = FALSE": (
        "GET /integration_mappings/slack",
        {"is_manually_created": "false"},
    ),
    "SELECT id FROM integration_mappings_teams WHERE partner_item_type = 'team' AND box_item_id = '7'": (
        "GET /integration_mappings/teams",
        {"partner_item_type": "team", "box_item_id": "7"},
    ),
    "SELECT id FROM ai_agents WHERE access_state IN ('enabled', 'disabled')": (
        "GET /ai_agents",
        {"include_box_default": "true", "agent_state": "disabled,enabled"},
    ),
    "SELECT id FROM ai_agents WHERE mode = 'ask' AND access_state = 'enabled'": (
        "GET /ai_agents",
        {"include_box_default": "true", "mode": "ask", "agent_state": "enabled"},
    ),
    "SELECT title FROM hubs ORDER BY view_count DESC LIMIT 1": (
        "GET /hubs",
        {"sort": "view_count", "direction": "DESC"},
    ),
    "SELECT title FROM enterprise_hubs ORDER BY updated_at LIMIT 1": (
        "GET /enterprise_hubs",
        {"sort": "updated_at", "direction": "ASC"},
    ),
}


@pytest.mark.parametrize("statement", NARROWED)
def test_what_a_statement_compares_and_sorts_by_is_sent(box: ScriptedBox, statement: str) -> None:
    operation, parameters = NARROWED[statement]
    box.answers[operation] = {"entries": []}
    with box.connected() as connection:
        assert rows(connection, statement) == []
    (asked,) = box.asked
    assert {name: _sorted(value) for name, value in asked.parameters.items() if name not in {"limit", "fields"}} == (
        parameters
    )


def _sorted(value: str) -> str:
    return ",".join(sorted(value.split(",")))


LACKING: dict[str, tuple[str, ...]] = {
    "Box Sign": ("sign_requests", "sign_request_signers", "sign_templates"),
    "Box Relay": ("workflows",),
    "Box Automate": ("automate_workflows",),
    "the Box integration for Slack": ("integration_mappings_slack",),
    "the Box integration for Microsoft Teams": ("integration_mappings_teams",),
    "Box Hubs": (
        "hubs",
        "enterprise_hubs",
        "hub_items",
        "hub_collaborations",
        "hub_document_pages",
        "hub_document_blocks",
    ),
    "Box AI Studio": ("ai_agents",),
    "Box Skills": ("skill_cards WHERE file_id = '1200000000001'",),
    "Box Doc Gen": ("docgen_templates", "docgen_template_tags", "docgen_jobs", "docgen_batch_jobs"),
}


@pytest.fixture(scope="module")
def poor() -> Iterator[Any]:
    """A connection to a Box of an enterprise that lacks all of these."""
    services = {"sign", "relay", "automate", "integration_mappings", "hubs", "ai_studio", "skills", "docgen"}
    with Emulator(Options(features=FEATURES - services)) as emulator, box_dialect.connect(emulator.ready["url"]) as it:
        yield it


@pytest.mark.parametrize("service", LACKING)
def test_a_service_that_the_enterprise_lacks_is_told(poor: box_dialect.Connection, service: str) -> None:
    for table in LACKING[service]:
        with pytest.raises(box_dialect.OperationalError, match=f"HTTP 403.*; check that the enterprise has {service}"):
            rows(poor, f"SELECT * FROM {table}")
