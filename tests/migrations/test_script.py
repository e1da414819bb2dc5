"""Offline, a migration is a script: each statement on a template with the call of Box's that it is."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa
from alembic_project import Project

import box_dialect

pytest.importorskip("alembic")

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Box


@pytest.fixture
def project(fresh: Box, tmp_path: Path) -> Project:
    metadata = sa.MetaData()
    sa.Table("enterprise_contract", metadata, sa.Column("title", sa.String))
    project = Project(tmp_path / "project", fresh.url, metadata)
    project.add(
        "a1",
        """
        op.create_table(
            "enterprise_contract",
            sa.Column("amount", sa.Float, comment="Amount: in euros"),
            sa.Column("status", sa.Enum("open", "won't")),
        )
        """,
        "op.drop_table('enterprise_contract')",
    )
    project.add(
        "b2",
        """
        with op.batch_alter_table("enterprise_contract") as batch:
            batch.alter_column("amount", new_column_name="total", existing_type=sa.Float())
            batch.alter_column(
                "status", type_=sa.Enum("done", "open"), existing_type=sa.Enum("open", "won't"),
                box_rename_options={"won't": "done"},
            )
        op.execute("UPDATE enterprise_contract SET total = 5")
        """,
        """
        with op.batch_alter_table("enterprise_contract") as batch:
            batch.alter_column("total", new_column_name="amount", existing_type=sa.Float())
            batch.drop_column("status")
        """,
    )
    return project


UPWARDS = """\
-- Running upgrade  -> a1

-- POST /metadata_templates/schema
-- {"scope": "enterprise", "templateKey": "contract", "displayName": "contract", "hidden": false, "fields": [{"type": \
"float", "key": "amount", "displayName": "Amount", "description": "in euros"}, {"type": "enum", "key": "status", \
"displayName": "status", "options": [{"key": "open"}, {"key": "won't"}]}], "copyInstanceOnItemCopy": false}
CREATE TABLE enterprise_contract (
    amount FLOAT COMMENT 'Amount: in euros',
    status ENUM('open', 'won''t')
);

-- PUT /metadata_templates/enterprise/alembicVersion/schema
-- [{"op": "addEnumOption", "fieldKey": "revisions", "data": {"key": "a1"}}]
INSERT INTO metadata_template_field_options (scope, template_key, field_key, key) \
SELECT scope, template_key, 'revisions', 'a1' FROM metadata_templates WHERE template_key = 'alembicVersion';

-- Running upgrade a1 -> b2

-- PUT /metadata_templates/enterprise/contract/schema
-- [{"op": "editField", "fieldKey": "amount", "data": {"key": "total"}}, {"op": "editEnumOption", "fieldKey": \
"status", "enumOptionKey": "won't", "data": {"key": "done"}}, {"op": "reorderEnumOptions", "fieldKey": "status", \
"enumOptionKeys": ["done", "open"]}]
ALTER TABLE enterprise_contract RENAME COLUMN amount TO total, \
ALTER COLUMN status RENAME VALUE 'won''t' TO 'done', ALTER COLUMN status TYPE ENUM('done', 'open');

UPDATE enterprise_contract SET total = 5;

-- PUT /metadata_templates/enterprise/alembicVersion/schema
-- [{"op": "editEnumOption", "fieldKey": "revisions", "enumOptionKey": "a1", "data": {"key": "b2"}}]
UPDATE metadata_template_field_options SET key = 'b2' \
WHERE template_key = 'alembicVersion' AND field_key = 'revisions' AND key = 'a1';

"""


def test_the_way_up_tells_each_call(project: Project, fresh: Box) -> None:
    script = project.run("upgrade", "head", sql=True).replace(", \n", ",\n")
    made, _, rest = script.partition("-- Running upgrade  -> a1")
    assert '"templateKey": "alembicVersion"' in made
    assert "-- Running upgrade  -> a1" + rest == UPWARDS
    assert fresh.stats()["calls"] == 0


def test_the_way_from_a_revision_knows_what_its_operations_tell(project: Project) -> None:
    script = project.run("upgrade", "a1:b2", sql=True)
    assert script == UPWARDS[UPWARDS.index("-- Running upgrade a1") :]


def test_the_way_down(project: Project) -> None:
    script = project.run("downgrade", "b2:base", sql=True)
    calls = re.findall(r"^-- ((?:POST|PUT|DELETE) .*)\n(?:-- (.*)\n)?", script, re.MULTILINE)
    assert calls == [
        (
            "PUT /metadata_templates/enterprise/contract/schema",
            (
                '[{"op": "editField", "fieldKey": "total", "data": {"key": "amount"}}, '
                '{"op": "removeField", "fieldKey": "status"}]'
            ),
        ),
        (
            "PUT /metadata_templates/enterprise/alembicVersion/schema",
            '[{"op": "editEnumOption", "fieldKey": "revisions", "enumOptionKey": "b2", "data": {"key": "a1"}}]',
        ),
        ("DELETE /metadata_templates/enterprise/contract/schema", ""),
        (
            "PUT /metadata_templates/enterprise/alembicVersion/schema",
            '[{"op": "removeEnumOption", "fieldKey": "revisions", "enumOptionKey": "a1"}]',
        ),
    ]


def test_what_is_not_known_is_said(project: Project) -> None:
    project.add("c3", "op.execute(\"ALTER TABLE enterprise_contract ALTER status TYPE ENUM('x')\")")
    assert "-- the call depends on the template as it is then: " in project.run("upgrade", "b2:c3", sql=True)


def test_what_no_template_has_is_refused(project: Project) -> None:
    project.add("c3", "op.add_column('enterprise_contract', sa.Column('n', sa.Integer))")
    with pytest.raises(box_dialect.NotSupportedError, match="write REAL"):
        project.run("upgrade", "b2:c3", sql=True)


def test_a_script_does_what_the_migration_does(project: Project, fresh: Box) -> None:
    """Each statement runs as it stands, in a connection that knows nothing of Alembic."""
    script = project.run("upgrade", "head", sql=True)
    statements = [each for each in re.split(r";\n", script) if re.sub(r"--.*", "", each).strip()]
    with fresh.connect() as connection:
        for statement in statements:
            if "UPDATE enterprise_contract" not in statement:
                connection.cursor().execute(statement)
        connection.commit()
    assert project.run("current") == "b2 (head)\n"
    project.run("downgrade", "base")
