"""Governance: what the sweeps over all tables do not reach."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from known_rows.metadata import CLASSIFICATIONS
from scripted_box import scripted_box

import box_dialect

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conftest import Box


POLICY: dict[str, dict[str, object]] = {
    "retention_policies": {"policy_type": "indefinite", "disposition_action": "remove_retention"},
    "legal_hold_policies": {"is_ongoing": True},
}
"""What a policy of each kind needs beside its name."""


@pytest.fixture
def connection(fresh: Box) -> Iterator[box_dialect.Connection]:
    with fresh.connect() as connection:
        yield connection


def run(connection: box_dialect.Connection, sql: str, *parameters: object) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        return cursor.execute(sql, parameters).fetchall()


def calls(connection: box_dialect.Connection, sql: str, *parameters: object) -> int:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters).fetchall()
        return cursor.api_calls


def test_a_policy_is_assigned_to_items_with_an_option_of_a_template(connection: box_dialect.Connection) -> None:
    fields = run(
        connection,
        "SELECT template_id, key, id, options ->> '$[0].id' FROM metadata_template_fields "
        "WHERE template_key = 'documentReview' AND key IN ('due', 'state')",
    )
    template, (due, state) = fields[0][0], (next(f for f in fields if f[1] == key) for key in ("due", "state"))
    filters = json.dumps([{"field": state[2], "value": state[3]}])
    insert = (
        "INSERT INTO retention_policy_assignments (retention_policy_id, assigned_to_type, assigned_to_id, "
        "filter_fields, start_date_field) VALUES ('2020000002', 'metadata_template', ?, ?, ?) RETURNING id"
    )
    ((identity,),) = run(connection, insert, template, filters, due[2])
    (row,) = run(
        connection,
        "SELECT assigned_to_id, json(filter_fields), start_date_field FROM retention_policy_assignments WHERE id = ?",
        identity,
    )
    assert (row[0], json.loads(row[1]), row[2]) == (template, json.loads(filters), due[2])
    run(connection, "DELETE FROM retention_policy_assignments WHERE id = ?", identity)
    assert run(connection, "SELECT id FROM retention_policy_assignments WHERE id = ?", identity) == []


def test_a_policy_is_assigned_to_all_content_without_an_id(connection: box_dialect.Connection) -> None:
    into = "INSERT INTO retention_policy_assignments (retention_policy_id, assigned_to_type"
    made = run(connection, f"{into}) VALUES ('2020000002', 'enterprise') RETURNING assigned_to_type, assigned_to_id")
    assert made == [("enterprise", None)]
    with pytest.raises(box_dialect.IntegrityError, match="assigned_to_id"):
        run(connection, f"{into}) VALUES ('2020000002', 'folder')")
    with pytest.raises(box_dialect.IntegrityError, match="assigned_to_type"):
        run(connection, f"{into}, assigned_to_id) VALUES ('2020000002', 'file', '1200000000008')")


def test_what_box_keeps_by_a_policy_that_stays_is_told(connection: box_dialect.Connection) -> None:
    with pytest.raises(box_dialect.OperationalError, match="not modifiable"):
        run(connection, "DELETE FROM retention_policies WHERE id = '2020000001'")
    with pytest.raises(box_dialect.IntegrityError, match="policy_name takes no NULL"):
        run(connection, "UPDATE retention_policies SET policy_name = NULL WHERE id = '2020000002'")


RETENTIONS, POLICIES = "file_version_retentions", "retention_policies"
OF_RETENTION = "retention_policy_assignments WHERE retention_policy_id = '7' AND"
OF_HOLD = "legal_hold_policy_assignments WHERE legal_hold_policy_id = '7' AND"


@pytest.mark.parametrize(
    ("condition", "path", "sent"),
    [
        (f"{RETENTIONS} WHERE {condition}", RETENTIONS, sent)
        for condition, sent in (
            ("disposition_at > '2035-01-01 00:00:00'", {"disposition_after": "2034-12-31T23:59:59Z"}),
            ("disposition_at >= '1970-01-01'", {}),
            ("disposition_at <= '2040-01-01 00:00:00'", {"disposition_before": "2040-01-01T00:00:01Z"}),
            ("disposition_action = 'permanently_delete'", {"disposition_action": "permanently_delete"}),
            ("disposition_action = 'nonsense'", {}),
            ("file_id = '1200000000003'", {"file_id": "1200000000003"}),
            ("file_version_id = '1300000000003'", {"file_version_id": "1300000000003"}),
            ("winning_retention_policy_id = '2020000002'", {"policy_id": "2020000002"}),
        )
    ]
    + [
        (f"{POLICIES} WHERE policy_name = 'A'", POLICIES, {"policy_name": "A"}),
        (f"{POLICIES} WHERE policy_name LIKE 'a%'", POLICIES, {}),
        (f"{POLICIES} WHERE policy_type = 'finite'", POLICIES, {"policy_type": "finite"}),
        (f"{POLICIES} WHERE created_by_id = '7'", POLICIES, {"created_by_user_id": "7"}),
        (f"{OF_RETENTION} assigned_to_type = 'folder'", f"{POLICIES}/7/assignments", {"type": "folder"}),
        ("legal_hold_policies WHERE policy_name LIKE 'a%'", "legal_hold_policies", {"policy_name": "a"}),
        (
            f"{OF_HOLD} assigned_to_type = 'user' AND assigned_to_id = '8'",
            "legal_hold_policy_assignments",
            {"policy_id": "7", "assign_to_type": "user", "assign_to_id": "8"},
        ),
    ],
)
def test_what_a_statement_compares_is_looked_for_by_box(condition: str, path: str, sent: dict[str, str]) -> None:
    with scripted_box() as scripted, scripted.connected() as connection:
        scripted.answers[f"GET /{path}"] = {"entries": []}
        assert run(connection, f"SELECT id FROM {condition}") == []
        (listing,) = scripted.asked
    fixed = {"limit": "1000", "fields": listing.parameters.get("fields")}
    assert listing.parameters == {name: value for name, value in fixed.items() if value is not None} | sent


def test_narrowed_retentions_are_those_that_sqlite_finds(connection: box_dialect.Connection) -> None:
    every = run(connection, "SELECT id, disposition_action, disposition_at FROM file_version_retentions")
    select = "SELECT id FROM file_version_retentions WHERE disposition_action = ?"
    for action in ("permanently_delete", "remove_retention"):
        found = run(connection, select, action)
        assert sorted(found) == sorted((row[0],) for row in every if row[1] == action) != []


def test_the_moment_of_disposition_itself_is_found(connection: box_dialect.Connection) -> None:
    select = "SELECT disposition_at FROM file_version_retentions WHERE disposition_at"
    ((moment,),) = run(connection, f"{select} IS NOT NULL")
    for condition in ("= ?", ">= ?", "<= ?"):
        assert run(connection, f"{select} {condition}", moment) == [(moment,)]
    for condition in ("> ?", "< ?"):
        assert run(connection, f"{select} {condition}", moment) == []


def test_each_past_version_is_a_row(fresh: Box, connection: box_dialect.Connection) -> None:
    file = fresh.store.files["1200000000001"]
    fresh.store.add_version(file, file.versions[-1].content, file.owned_by)
    for table in ("file_versions_under_retention", "file_versions_on_hold"):
        rowids = run(connection, f"SELECT rowid FROM {table} WHERE name = ?", file.name)
        assert len({*rowids}) == len(rowids) > 1


def test_a_version_that_two_policies_hold_is_one_row(connection: box_dialect.Connection) -> None:
    held = "SELECT id, json_array_length(legal_hold_policy_assignments) FROM file_version_legal_holds"
    before = run(connection, held)
    run(
        connection,
        "INSERT INTO legal_hold_policy_assignments (legal_hold_policy_id, assigned_to_type, assigned_to_id) "
        "VALUES ('2040000002', 'file', '1200000000001')",
    )
    after = run(connection, held)
    assert sorted(row[0] for row in after) == sorted(row[0] for row in before)
    assert sum(count for _, count in after) == sum(count for _, count in before) + 2


def test_policies_that_are_assigned_to_nothing_take_no_call(connection: box_dialect.Connection) -> None:
    for table in ("retention_policies", "legal_hold_policies"):
        run(
            connection,
            f"INSERT INTO {table} (policy_name, {', '.join(POLICY[table])}) "
            f"VALUES ('Of nothing', {', '.join('?' * len(POLICY[table]))})",
            *POLICY[table].values(),
        )
    assert calls(connection, "SELECT id FROM retention_policy_assignments") == 3
    assert calls(connection, "SELECT id FROM legal_hold_policy_assignments") == 3


def test_a_hold_is_released_in_a_while(connection: box_dialect.Connection) -> None:
    run(connection, "DELETE FROM legal_hold_policies WHERE policy_name = 'Case 17'")
    left = run(connection, "SELECT status, deleted_at IS NOT NULL FROM legal_hold_policies WHERE id = '2040000001'")
    assert left == [("releasing", 1)]
    of_policy = "SELECT id FROM legal_hold_policy_assignments WHERE legal_hold_policy_id = '2040000001'"
    assert len(run(connection, f"{of_policy} AND deleted_at IS NOT NULL")) == 2


def test_holds_are_listed_by_their_policy(connection: box_dialect.Connection) -> None:
    held = (
        "SELECT p.policy_name, count(*) FROM legal_hold_policies p "
        "JOIN file_version_legal_holds h ON h.legal_hold_policy_id = p.id GROUP BY 1"
    )
    assert run(connection, held) == [("Case 17", 4)]


def test_storage_is_told_of_those_who_have_that_of_the_enterprise(connection: box_dialect.Connection) -> None:
    resolved = (
        "SELECT id, resolved_for_id FROM storage_policy_assignments "
        "WHERE resolved_for_type = 'user' AND resolved_for_id IN ('20000000001', '20000000002')"
    )
    assert sorted(run(connection, resolved)) == [
        ("enterprise_491291", "20000000002"),
        ("user_20000000001", "20000000001"),
    ]


def test_a_barrier_is_made_and_its_status_set(fresh: Box, connection: box_dialect.Connection) -> None:
    update = "UPDATE shield_information_barriers SET status = ?"
    run(connection, update, "disabled")
    assert run(connection, "SELECT status FROM shield_information_barriers") == [("disabled",)]
    run(connection, update, "pending")
    assert run(connection, "SELECT status FROM shield_information_barriers") == [("enabled",)]
    with pytest.raises(box_dialect.IntegrityError, match="takes draft or pending"):
        run(connection, update, "on")
    fresh.store.shield_information_barriers.clear()
    insert = "INSERT INTO shield_information_barriers (enterprise_id) VALUES ('491291') RETURNING status, enterprise_id"
    assert run(connection, insert) == [("draft", "491291")]


def test_the_first_label_is_made_with_its_template(connection: box_dialect.Connection) -> None:
    run(
        connection,
        "DELETE FROM metadata_templates WHERE scope = 'enterprise_491291' AND template_key = ?",
        CLASSIFICATIONS,
    )
    assert run(connection, "SELECT name FROM classifications") == []
    with pytest.raises(box_dialect.OperationalError, match="404"):
        run(connection, "INSERT INTO classifications (name) VALUES ('Public')")
    field = {
        "type": "enum",
        "key": "Box__Security__Classification__Key",
        "displayName": "Classification",
        "options": [{"key": "Public"}],
    }
    run(
        connection,
        "INSERT INTO metadata_templates (template_key, display_name, fields) VALUES (?, 'Classification', ?)",
        CLASSIFICATIONS,
        json.dumps([field]),
    )
    run(connection, "INSERT INTO classifications (name, color_id) VALUES ('Secret', 2)")
    run(connection, "UPDATE classifications SET color_id = 6 WHERE name = 'Public'")
    assert run(connection, "SELECT name, color_id FROM classifications") == [("Public", 6), ("Secret", 2)]


def test_what_an_update_leaves_of_a_label_stays(connection: box_dialect.Connection) -> None:
    run(connection, "UPDATE classifications SET name = 'Top secret', definition = 'For few.' WHERE name = 'Secret'")
    renamed = run(connection, "SELECT name, definition, color_id FROM classifications WHERE position = 3")
    assert renamed == [("Top secret", "For few.", 2)]
    labelled = "SELECT name, definition FROM item_classifications WHERE item_id = '1200000000003'"
    assert run(connection, labelled) == [("Top secret", "For few.")]


@pytest.mark.parametrize(("join", "rows"), [("JOIN", 3), ("LEFT JOIN", 27)])
def test_labels_of_items_are_read_with_the_files(connection: box_dialect.Connection, join: str, rows: int) -> None:
    walk = calls(connection, "SELECT id FROM files WHERE depth > 0")
    joined = f"""
        SELECT f.name, c.name FROM files f {join} item_classifications c ON c.item_id = f.id AND c.item_type = 'file'
    """
    with connection.cursor() as cursor:
        found = cursor.execute(joined).fetchall()
        assert (len(found), sum(label is not None for _, label in found)) == (rows, 3)
        assert cursor.api_calls == walk


def test_pages_that_follow_tell_of_labels_too() -> None:
    def listing(label: object, marker: str | None) -> object:
        files = [{"type": "file", "id": str(n), "name": f"{n}", "classification": label} for n in (1, 2)]
        renamed = [each if marker else {**each, "id": each["id"] + "0"} for each in files]
        return {"entries": renamed, "next_marker": marker}

    with scripted_box() as box, box.connected() as connection:
        box.answers["GET /folders/7/items"] = lambda asked: (
            listing({"name": "Secret"}, None) if "marker" in asked.parameters else listing(None, "2")
        )
        joined = """
            SELECT f.id, c.name FROM files f
            LEFT JOIN item_classifications c ON c.item_id = f.id AND c.item_type = 'file' WHERE f.parent_id = '7'
        """
        assert run(connection, joined) == [("1", None), ("2", None), ("10", "Secret"), ("20", "Secret")]
        assert box.operations == ["GET /folders/7/items"] * 2


def test_a_label_that_there_is_not_is_refused(connection: box_dialect.Connection) -> None:
    insert = "INSERT INTO item_classifications (item_id, name) VALUES ('1200000000008', ?) RETURNING item_type, name"
    with pytest.raises(box_dialect.DatabaseError, match="400"):
        run(connection, insert, "Nonsense")
    assert run(connection, insert, "Public") == [("file", "Public")]
    with pytest.raises(box_dialect.IntegrityError, match="409"):
        run(connection, insert, "Secret")


def test_archives_are_found_by_id_in_their_listing(connection: box_dialect.Connection) -> None:
    select = "SELECT name FROM archives WHERE id = ?"
    assert run(connection, select, "2260000002") == [("Projects until 2014",)]
    changed = "UPDATE archives SET description = 'Over.' WHERE id = '2260000002' RETURNING name, description, size"
    assert run(connection, changed) == [("Projects until 2014", "Over.", 1_048_576)]
    with pytest.raises(box_dialect.DatabaseError, match="not empty"):
        run(connection, "DELETE FROM archives WHERE id = '2260000002'")


def test_what_the_listing_leaves_out_of_a_list_takes_a_call_for_each(connection: box_dialect.Connection) -> None:
    assert calls(connection, "SELECT name, content_type FROM shield_lists") == 1
    for column in ("description", "content", "enterprise_id", "created_at", "updated_at"):
        told = run(connection, f"SELECT id, {column} FROM shield_lists")
        assert [row for row in told if row[1] is None] == []
        for identity, value in told:
            assert run(connection, f"SELECT {column} FROM shield_lists WHERE id = ?", identity) == [(value,)]


@pytest.mark.long
@pytest.mark.parametrize(
    ("feature", "table", "needed"),
    [
        ("retention", "retention_policies", "Box Governance"),
        ("retention", "files_under_retention", "Box Governance"),
        ("legal_holds", "file_version_legal_holds", "Box Governance"),
        ("storage_policies", "storage_policies", "Box Zones"),
        ("storage_policies", "storage_policy_assignments", "Box Zones"),
        ("shield_information_barriers", "shield_information_barriers", "Box Shield"),
        ("shield_information_barriers", "shield_information_barrier_segment_members", "Box Shield"),
        ("shield_lists", "shield_lists", "Box Shield"),
        ("archives", "archives", "Box Archive"),
        ("enterprise_configurations", "enterprise_configurations", "enterprise configurations"),
        ("classifications", "classifications", "classifications"),
        ("folder_locks", "folder_locks", "folder locks"),
        ("watermarks", "watermarks", "watermarks"),
        ("device_pinning", "device_pinners", "device pinning"),
        ("collaboration_allowlist", "collaboration_allowlist_entries", "allowed collaboration domains"),
        ("collaboration_allowlist", "collaboration_allowlist_exempt_targets", "allowed collaboration domains"),
        ("terms_of_service", "terms_of_services", "terms of service"),
        ("terms_of_service", "terms_of_service_user_statuses", "terms of service"),
    ],
)
def test_what_an_enterprise_lacks_is_told(fresh: Box, feature: str, table: str, needed: str) -> None:
    fresh.store.features -= {feature}
    with (
        fresh.connect() as connection,
        pytest.raises(box_dialect.OperationalError, match=f"check that the enterprise has .*{needed}"),
    ):
        run(connection, f"SELECT * FROM {table}")


def test_retentions_are_listed_before_the_files_that_they_keep(connection: box_dialect.Connection) -> None:
    kept = {file for (file,) in run(connection, "SELECT file_id FROM file_version_retentions")}
    joined = "SELECT f.name FROM {} ON f.id = r.file_id"
    for order in ("file_version_retentions r JOIN files f", "files f JOIN file_version_retentions r"):
        assert calls(connection, joined.format(order)) == 1 + len(kept)
