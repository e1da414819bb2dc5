"""DDL of metadata templates as Box's calls, with no connection."""

from __future__ import annotations

from typing import Any

import pytest

from box_dialect.catalog.metadata.changes import AlterTemplate
from box_dialect.catalog.metadata.comments import comment_of, names_of
from box_dialect.dbapi.sqltext.template_ddl import template_ddl
from box_dialect.errors import Error, NotSupportedError, ProgrammingError

STATUS = {"type": "enum", "key": "status", "displayName": "status", "options": [{"key": "a"}, {"key": "b"}]}
TEMPLATE: dict[str, Any] = {
    "templateKey": "contract",
    "scope": "enterprise_1",
    "displayName": "contract",
    "fields": [
        {"type": "float", "key": "amount", "displayName": "Amount", "description": "in euros"},
        STATUS,
        {"type": "multiSelect", "key": "tags", "displayName": "Tags", "options": [{"key": "x"}]},
        {"type": "string", "key": "item_id", "displayName": "item_id"},
    ],
}


def called(operation: str, template: dict[str, Any] | None = None) -> tuple[str, Any]:
    """Return the call of a statement, and its body."""
    found = template_ddl(operation)
    assert found is not None
    statement = found.parse()
    call = statement.call(template) if isinstance(statement, AlterTemplate) else statement.call()
    assert call is not None
    return call.operation, call.body


def operations(*changes: str, template: dict[str, Any] | None = TEMPLATE) -> Any:
    """Return the operations of changes of a template."""
    return called(f"ALTER TABLE enterprise_contract {', '.join(changes)}", template)[1]


def test_a_new_template() -> None:
    operation, body = called(
        """
        -- a comment
        ; CREATE TABLE "enterprise.Contract" (
            item_id TEXT NOT NULL DEFAULT (1, 2), item_type TEXT, template_version INTEGER,
            amount REAL COMMENT 'Amount: in euros: or so' HIDDEN, "d""ue" TIMESTAMP(3) WITH TIME ZONE NULL,
            status ENUM('open', 'it''s \N{GRINNING FACE}'), tags MULTISELECT('a', 'b'), note VARCHAR(20) DEFAULT NULL,
            kind TEXT CONSTRAINT ours CHECK ("kind" IN ('x')), field_Item_Id CHARACTER VARYING(10) COMMENT 'Named',
            region TAXONOMY('enterprise_1.geo', MULTIPLE, LEVELS (1, 2)), land TAXONOMY('a.b.geo'), price NUMERIC(8, 2),
            PRIMARY KEY (item_id, item_type), FOREIGN KEY (item_id, item_type) REFERENCES files (id, type),
            CONSTRAINT noted CHECK (note IN ('y', 'z'))
        ) COMMENT 'The contract' WITH (hidden = true, copy_instance_on_item_copy = TRUE);
        """
    )
    assert operation == "POST /metadata_templates/schema"
    assert body == {
        "scope": "enterprise",
        "templateKey": "Contract",
        "displayName": "The contract",
        "hidden": True,
        "copyInstanceOnItemCopy": True,
        "fields": [
            {
                "type": "float",
                "key": "amount",
                "displayName": "Amount",
                "description": "in euros: or so",
                "hidden": True,
            },
            {"type": "date", "key": 'd"ue', "displayName": 'd"ue'},
            {
                "type": "enum",
                "key": "status",
                "displayName": "status",
                "options": [{"key": "open"}, {"key": "it's \N{GRINNING FACE}"}],
            },
            {"type": "multiSelect", "key": "tags", "displayName": "tags", "options": [{"key": "a"}, {"key": "b"}]},
            {"type": "enum", "key": "note", "displayName": "note", "options": [{"key": "y"}, {"key": "z"}]},
            {"type": "enum", "key": "kind", "displayName": "kind", "options": [{"key": "x"}]},
            {"type": "string", "key": "Item_Id", "displayName": "Named"},
            {
                "type": "taxonomy",
                "key": "region",
                "displayName": "region",
                "taxonomyKey": "geo",
                "namespace": "enterprise_1",
                "optionsRules": {"multiSelect": True, "selectableLevels": [1, 2]},
            },
            {
                "type": "taxonomy",
                "key": "land",
                "displayName": "land",
                "taxonomyKey": "geo",
                "namespace": "a.b",
                "optionsRules": {"multiSelect": False},
            },
            {"type": "float", "key": "price", "displayName": "price"},
        ],
    }


def test_a_column_may_be_there_or_not() -> None:
    added = operations(
        "ADD COLUMN IF NOT EXISTS note TEXT", "ADD IF NOT EXISTS Amount REAL", "DROP COLUMN IF EXISTS gone"
    )
    assert added == [{"op": "addField", "data": {"type": "string", "key": "note", "displayName": "note"}}]
    dropped = operations("DROP IF EXISTS TAGS", "DROP IF EXISTS tags", "ADD COLUMN IF NOT EXISTS tags TEXT")
    assert [each["op"] for each in dropped] == ["removeField", "addField"]
    for change, said in (
        ("DROP COLUMN IF EXISTS item_type", "a column that every template has"),
        ("ADD COLUMN IF NOT EXISTS item_type TEXT", "a column that every template has"),
    ):
        with pytest.raises(ProgrammingError, match=said):
            operations(change)
    with pytest.raises(ProgrammingError, match="which are not known here"):
        operations("DROP COLUMN IF EXISTS tags", template=None)


def test_changes_are_operations_of_one_call_in_their_order() -> None:
    operation, body = called(
        "ALTER TABLE Enterprise_Contract ADD note TEXT COMMENT 'Note', ADD COLUMN kind ENUM('p'), "
        "ALTER kind RENAME VALUE 'p' TO 'q', ALTER kind TYPE ENUM('r', 'q'), DROP COLUMN TAGS, "
        "RENAME amount TO sum, ALTER COLUMN sum SET (hidden = true, comment = NULL), RENAME status TO field_item_type, "
        "RENAME TO enterprise_agreement, SET (hidden = false, copy_instance_on_item_copy = true)",
        TEMPLATE,
    )
    assert operation == "PUT /metadata_templates/enterprise/contract/schema"
    assert body == [
        {"op": "addField", "data": {"type": "string", "key": "note", "displayName": "Note"}},
        {"op": "addField", "data": {"type": "enum", "key": "kind", "displayName": "kind", "options": [{"key": "p"}]}},
        {"op": "editEnumOption", "fieldKey": "kind", "enumOptionKey": "p", "data": {"key": "q"}},
        {"op": "addEnumOption", "fieldKey": "kind", "data": {"key": "r"}},
        {"op": "reorderEnumOptions", "fieldKey": "kind", "enumOptionKeys": ["r", "q"]},
        {"op": "removeField", "fieldKey": "tags"},
        {"op": "editField", "fieldKey": "amount", "data": {"key": "sum"}},
        {"op": "editField", "fieldKey": "sum", "data": {"description": "", "displayName": "sum", "hidden": True}},
        {"op": "editField", "fieldKey": "status", "data": {"key": "item_type", "displayName": "item_type"}},
        {"op": "editTemplate", "data": {"displayName": "agreement"}},
        {"op": "editTemplate", "data": {"hidden": False, "copyInstanceOnItemCopy": True}},
    ]
    assert TEMPLATE["fields"][1] == STATUS


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        ("'a', 'b'", None),
        ("'a', 'b', 'c'", [{"op": "addEnumOption", "fieldKey": "status", "data": {"key": "c"}}]),
        ("'a'", [{"op": "removeEnumOption", "fieldKey": "status", "enumOptionKey": "b"}]),
        ("'b', 'a'", [{"op": "reorderEnumOptions", "fieldKey": "status", "enumOptionKeys": ["b", "a"]}]),
        (
            "'c', 'b'",
            [
                {"op": "addEnumOption", "fieldKey": "status", "data": {"key": "c"}},
                {"op": "removeEnumOption", "fieldKey": "status", "enumOptionKey": "a"},
                {"op": "reorderEnumOptions", "fieldKey": "status", "enumOptionKeys": ["c", "b"]},
            ],
        ),
    ],
)
def test_options_become_those_that_are_wanted(wanted: str, expected: Any) -> None:
    found = template_ddl(f"ALTER TABLE enterprise_contract ALTER COLUMN status TYPE ENUM({wanted})")
    assert found is not None
    statement = found.parse()
    assert isinstance(statement, AlterTemplate)
    call = statement.call(TEMPLATE)
    assert (call and call.body) == expected


def test_options_of_a_list() -> None:
    assert operations("ALTER tags TYPE MULTISELECT('y', 'x')", "ALTER tags RENAME VALUE 'x' TO 'z'") == [
        {"op": "addMultiSelectOption", "fieldKey": "tags", "data": {"key": "y"}},
        {"op": "reorderMultiSelectOptions", "fieldKey": "tags", "multiSelectOptionKeys": ["y", "x"]},
        {"op": "editMultiSelectOption", "fieldKey": "tags", "multiSelectOptionKey": "x", "data": {"key": "z"}},
    ]


def test_comments() -> None:
    at = "COMMENT ON COLUMN"
    assert called(f"{at} enterprise_contract.field_item_id IS 'A: b'", TEMPLATE)[1] == [
        {"op": "editField", "fieldKey": "item_id", "data": {"displayName": "A", "description": "b"}}
    ]
    assert called(f'{at} "enterprise.contract"."amount" IS NULL', TEMPLATE)[1] == [
        {"op": "editField", "fieldKey": "amount", "data": {"description": "", "displayName": "amount"}}
    ]
    for comment, shown in (("'it''s: so'", "it's: so"), ("NULL", "contract"), ("''", "contract")):
        assert called(f"COMMENT ON TABLE enterprise_contract IS {comment}")[1] == [
            {"op": "editTemplate", "data": {"displayName": shown}}
        ]


@pytest.mark.parametrize("comment", ["Amount", "Amount: in euros", "amount: in euros", ": x", "x: ", "a: b: c", None])
def test_a_comment_comes_back_as_it_was_written(comment: str | None) -> None:
    shown, description = names_of(comment, "amount")
    assert comment_of({"displayName": shown, "description": description}, "amount") == comment


def test_without_the_template_columns_are_fields_of_their_names() -> None:
    assert operations("DROP amount", "RENAME field_item_id TO b", template=None) == [
        {"op": "removeField", "fieldKey": "amount"},
        {"op": "editField", "fieldKey": "item_id", "data": {"key": "b"}},
    ]
    with pytest.raises(ProgrammingError, match="not known here"):
        operations("ALTER status TYPE ENUM('a')", template=None)
    known = {"fields": [STATUS]}
    assert len(operations("ALTER status TYPE ENUM('a')", template=known)) == 1


@pytest.mark.parametrize(
    "operation",
    [
        "CREATE TABLE main.enterprise_x (a INTEGER)",
        "CREATE TEMP TABLE enterprise_x (a INTEGER)",
        "CREATE TABLE contract (a INTEGER)",
        "CREATE VIEW enterprise_x AS SELECT 1",
        "DROP TABLE temp.enterprise_x",
        'DROP TABLE "main.enterprise_x"',
        "COMMENT ON TABLE files IS 'x'",
        "SELECT 1 FROM enterprise_x",
    ],
)
def test_other_statements_are_none(operation: str) -> None:
    assert template_ddl(operation) is None


@pytest.mark.parametrize(
    ("operation", "error", "told"),
    [
        ("CREATE TABLE enterprise_x (a INTEGER)", NotSupportedError, "INTEGER: Box keeps numbers as float: write REAL"),
        ("CREATE TABLE enterprise_x (a BOOLEAN)", NotSupportedError, "write ENUM"),
        ("CREATE TABLE enterprise_x (a JSON TEXT)", NotSupportedError, "MULTISELECT"),
        ("CREATE TABLE enterprise_x (a MONEY)", NotSupportedError, "cannot be MONEY: write TEXT, REAL"),
        ("CREATE TABLE enterprise_x (a)", NotSupportedError, "without a type"),
        ("CREATE TABLE enterprise_x (a TEXT NOT NULL)", NotSupportedError, "no NOT NULL: a field may always be NULL"),
        ("CREATE TABLE enterprise_x (a TEXT UNIQUE)", NotSupportedError, "UNIQUE"),
        ("CREATE TABLE enterprise_x (a TEXT DEFAULT 'b')", NotSupportedError, "no DEFAULT: .* give it in the INSERT"),
        ("CREATE TABLE enterprise_x (a TEXT COLLATE NOCASE)", NotSupportedError, "COLLATE"),
        ("CREATE TABLE enterprise_x (a TEXT AS (b))", NotSupportedError, "make a view"),
        ("CREATE TABLE enterprise_x (a TEXT REFERENCES files (id))", NotSupportedError, "foreign key"),
        ("CREATE TABLE enterprise_x (a TEXT PRIMARY KEY)", NotSupportedError, "the key is item_id and item_type"),
        ("CREATE TABLE enterprise_x (a TEXT CHECK (length(a) > 3))", NotSupportedError, "no CHECK of anything but"),
        ("CREATE TABLE enterprise_x (a REAL CHECK (a IN ('b')))", NotSupportedError, "of type TEXT its options"),
        ("CREATE TABLE enterprise_x (a TEXT, UNIQUE (a))", NotSupportedError, "no UNIQUE"),
        ("CREATE TABLE enterprise_x (a TEXT, FOREIGN KEY (a) REFERENCES b (c))", NotSupportedError, "no foreign key"),
        ("CREATE TABLE enterprise_x AS SELECT 1", NotSupportedError, "makes no template"),
        ("CREATE TABLE global_x (a TEXT)", NotSupportedError, "no template of the enterprise"),
        ("DROP TABLE global_properties", NotSupportedError, "no template of the enterprise"),
        ("CREATE TABLE enterprise_x (a TEXT, A REAL)", ProgrammingError, "duplicate column name: A"),
        ("CREATE TABLE enterprise_x (a ENUM('b', 'b'))", ProgrammingError, "'b' is none"),
        ("CREATE TABLE enterprise_x (a ENUM())", ProgrammingError, "expected a text in single quotes"),
        ('CREATE TABLE enterprise_x (a ENUM("b"))', ProgrammingError, "expected a text in single quotes"),
        ("CREATE TABLE enterprise_x (a ENUM('b)", ProgrammingError, "expected a text in single quotes"),
        ("CREATE TABLE enterprise_x (a TEXT) STRICT", ProgrammingError, "wrong at character 36: expected the end"),
        ("CREATE TABLE enterprise_x (a TEXT", ProgrammingError, "wrong at its end: expected \\)"),
        ("CREATE TABLE enterprise_x (a TEXT) WITH (shown = true)", ProgrammingError, "shown is no setting"),
        ("CREATE TABLE enterprise_x (a TEXT); DROP TABLE enterprise_x", ProgrammingError, "one statement at a time"),
        ("CREATE TABLE enterprise_1x (a TEXT)", ProgrammingError, "a letter or _ first"),
        (f"CREATE TABLE enterprise_{'x' * 65} (a TEXT)", ProgrammingError, "64 characters at most"),
        (f"CREATE TABLE enterprise_x ({'a' * 257} TEXT)", ProgrammingError, "256 characters at most"),
        ('CREATE TABLE enterprise_x ("$a" TEXT)', ProgrammingError, r"no \$ first"),
        (f"COMMENT ON TABLE enterprise_x IS '{'x' * 4097}'", ProgrammingError, "4,096 characters at most"),
        ("ALTER TABLE enterprise_contract ADD CONSTRAINT u UNIQUE (a)", NotSupportedError, "no UNIQUE"),
        ("ALTER TABLE enterprise_contract ALTER a SET NOT NULL", ProgrammingError, "no default and may always be NULL"),
        ("ALTER TABLE enterprise_contract ALTER amount TYPE TEXT", NotSupportedError, "is REAL, .* type of no field"),
        ("ALTER TABLE enterprise_contract ALTER amount RENAME VALUE 'a' TO 'b'", ProgrammingError, "no values"),
        ("ALTER TABLE enterprise_contract ALTER status RENAME VALUE 'x' TO 'b'", ProgrammingError, "no option 'x'"),
        ("ALTER TABLE enterprise_contract ALTER status RENAME VALUE 'a' TO 'b'", ProgrammingError, "'b' is none"),
        (
            "ALTER TABLE enterprise_contract DROP nothing",
            ProgrammingError,
            "no such column: enterprise_contract.nothin",
        ),
        ("ALTER TABLE enterprise_contract DROP item_id", ProgrammingError, "every template has"),
        ("ALTER TABLE enterprise_contract ADD item_id TEXT", ProgrammingError, "a field is called field_item_id"),
        ("ALTER TABLE enterprise_contract ADD Amount TEXT", ProgrammingError, "duplicate column name: Amount"),
        ("ALTER TABLE enterprise_contract RENAME tags TO STATUS", ProgrammingError, "duplicate column name: STATUS"),
        ("ALTER TABLE enterprise_contract FROB", ProgrammingError, "expected ADD, DROP, RENAME, ALTER or SET"),
    ],
)
def test_what_is_refused(operation: str, error: type[Error], told: str) -> None:
    with pytest.raises(error, match=told):
        called(operation, TEMPLATE)
