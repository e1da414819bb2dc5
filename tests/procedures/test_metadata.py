"""Files get metadata, and that of folders cascades, by procedures."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

import box_dialect
from box_dialect.emulator.metadata.instances import Instance

if TYPE_CHECKING:
    from conftest import Box


def named(box: Box, name: str) -> Any:
    return next(item for items in box.store.items.values() for item in items.values() if item.name == name)


def test_a_file_gets_metadata_of_a_template(fresh: Box) -> None:
    readme = named(fresh, "README")
    with fresh.connect() as connection, connection.cursor() as cursor:
        call = "EXEC AddMetadataTemplatesToFile @FileId = ?, @TemplateKey = 'documentReview', @FieldValues = ?"
        cursor.execute(call, (readme.id, '{"state": "open"}'))
        (made,) = readme.of(Instance).values()
        assert cursor.fetchall() == [(made.id, "enterprise_491291", "documentReview", 0)]
        assert (made.values, cursor.api_calls) == ({"state": "open"}, 1)
        with pytest.raises(box_dialect.IntegrityError, match="conflict"):
            cursor.execute(call, (readme.id, None))
        cursor.execute("EXEC AddMetadataTemplatesToFile ?, 'properties', 'global'", (readme.id,))
        assert {each.template.key for each in readme.of(Instance).values()} == {"documentReview", "properties"}
        for wrong in ("[1]", "{", "7", "[" * 100_000):
            with pytest.raises(box_dialect.ProgrammingError, match="FieldValues of AddMetadataTemplatesToFile"):
                cursor.execute(call, (readme.id, wrong))


def test_what_a_folder_has_comes_to_all_that_lies_in_it(fresh: Box) -> None:
    photos, picture = named(fresh, "Photos"), named(fresh, "IMG_0001.JPG")
    with fresh.connect() as connection, connection.cursor() as cursor:
        insert = "INSERT INTO metadata_instances (item_type, item_id, scope, template_key, field_values) VALUES "
        cursor.execute(f"{insert} ('folder', ?, 'enterprise_491291', 'documentReview', ?)", (photos.id, '{"score": 3}'))
        apply = "SELECT ApplyCascadePolicy(id, 'overwrite') FROM metadata_cascade_policies WHERE folder_id = ?"
        assert cursor.execute(apply, (photos.id,)).fetchall() == [(True,)]
        assert cursor.api_calls == 2
        fresh.store.cascades.run()
        assert [each.values for each in picture.of(Instance).values()] == [{"score": 3}]
        with pytest.raises(box_dialect.ProgrammingError, match="ConflictResolution"):
            cursor.execute("EXEC ApplyCascadePolicy '1', 'sometimes'")


def test_the_last_level_of_a_taxonomy_is_deleted(fresh: Box) -> None:
    law = fresh.store.add_taxonomy("law", "Field", "Subject")
    fresh.store.add_node(law, "Civil law")
    with fresh.connect() as connection, connection.cursor() as cursor:
        call = "EXEC TrimTaxonomyLevels @Namespace = ?, @TaxonomyKey = 'law'"
        cursor.execute(call, (law.namespace,))
        assert [level["displayName"] for level in json.loads(cursor.fetchone()[0])] == ["Field"]
        with pytest.raises(box_dialect.ProgrammingError, match="no last level without nodes"):
            cursor.execute(call, (law.namespace,))
    assert [level["displayName"] for level in law.levels] == ["Field"]
