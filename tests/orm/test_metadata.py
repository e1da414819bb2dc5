"""Templates, their fields and their options, and what items have, are objects that lead to one another."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from box_dialect import orm
from box_dialect.emulator.metadata.templates import Template

if TYPE_CHECKING:
    from conftest import Box
    from sqlalchemy.orm import Session


def test_what_belongs_together_is_found(session: Session) -> None:
    review = session.execute(sa.select(orm.MetadataTemplate).filter_by(template_key="documentReview")).scalar_one()
    fields = {field.key: field for field in review.metadata_template_fields}
    assert {option.key for option in fields["state"].metadata_template_field_options} == {"open", "done"}
    assert fields["place"].taxonomy.display_name == "Regions"
    assert fields["state"].taxonomy is None
    assert {level.display_name for level in fields["place"].taxonomy.metadata_taxonomy_levels} == {
        "Continent",
        "Country",
    }
    assert all(field.template is review for field in fields.values())
    contracts = session.execute(sa.select(orm.Folder).filter_by(name="Contracts")).scalar_one()
    (instance,) = contracts.metadata_instances
    assert instance.template is review
    assert instance.item_folder is contracts
    assert instance.item_file is None
    assert instance.field_values == {"score": -1}
    france = session.execute(sa.select(orm.MetadataTaxonomyNode).filter_by(display_name="France")).scalar_one()
    assert (france.parent.display_name, france.parent.children) == ("Europe", [france])


def test_a_template_is_written_with_its_fields_and_options(fresh: Box, writing: Session) -> None:
    terms = orm.MetadataTemplate(display_name="Terms")
    field = orm.MetadataTemplateField(template=terms, key="kind", type="enum", display_name="Kind")
    option = orm.MetadataTemplateFieldOption(field=field, key="sale")
    writing.add_all([terms, field, option])
    writing.commit()
    (stored,) = (each for each in fresh.store.of(Template).values() if each.key == "terms")
    assert [(field.key, [option.key for option in field.options]) for field in stored.fields] == [("kind", ["sale"])]
    field.display_name = "Sort"
    writing.commit()
    assert stored.fields[0].display_name == "Sort"
    writing.delete(option)
    writing.commit()
    assert stored.fields[0].options == []


def test_an_instance_is_written(fresh: Box, writing: Session) -> None:
    file = writing.execute(sa.select(orm.File).filter_by(name="README")).scalar_one()
    review = writing.execute(sa.select(orm.MetadataTemplate).filter_by(template_key="documentReview")).scalar_one()
    instance = orm.MetadataInstance(item_type="file", item_id=file.id, template=review, field_values={"state": "open"})
    writing.add(instance)
    writing.commit()
    assert [each.field_values for each in file.metadata_instances] == [{"state": "open"}]
    instance.field_values = {"state": "done"}
    writing.commit()
    assert instance.version == 1
    writing.delete(instance)
    writing.commit()
    (stored,) = (each for each in fresh.store.items["file"].values() if each.id == file.id)
    writing.expire_all()
    assert stored.name == "README"
    assert file.metadata_instances == []
