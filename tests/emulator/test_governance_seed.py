"""What seeds have of governance and of Box's services."""

import pytest

from box_dialect.emulator.metadata.classifications import classifications
from box_dialect.emulator.metadata.instances import Instance

TABLES = (
    "skill_cards", "retention_policies", "retention_policy_assignments", "legal_hold_policies",
    "legal_hold_policy_assignments", "shield_information_barriers", "shield_information_barrier_reports",
    "shield_information_barrier_segments", "shield_information_barrier_segment_members",
    "shield_information_barrier_segment_restrictions", "sign_requests", "sign_templates", "workflows",
    "integration_mappings_slack", "integration_mappings_teams", "ai_agents", "hubs", "hub_items", "hub_collaborations",
    "hub_document_pages", "hub_document_blocks", "docgen_templates", "docgen_jobs", "docgen_batches", "shield_lists",
    "archives", "automate_workflows",
)  # fmt: skip


@pytest.mark.parametrize("options", [{}, {"synthetic": 60}], ids=["default", "synthetic"])
def test_each_seed_has_rows_of_each(start, options):
    with start(**options) as box:
        assert [table for table in TABLES if not box.store.tables[table]] == []
        labels = classifications(box.store)
        labelled = [each for file in box.store.files.values() for each in file.of(Instance).values()]
        assert [each.template for each in labelled].count(labels) == 3
        assert len(box.store.retention_policy_assignments) == 3


def test_a_folder_of_this_machine_has_them_too(start, tmp_path):
    (tmp_path / "sub").mkdir()
    for name in ("top.txt", "sub/low.txt"):
        (tmp_path / name).write_text("x")
    with start(load=tmp_path) as box:
        assert {table for table in TABLES if not box.store.tables[table]} <= {
            "retention_policy_assignments", "sign_requests", "sign_templates", "workflows", "automate_workflows",
            "integration_mappings_slack", "integration_mappings_teams", "docgen_jobs", "docgen_batches",
        }  # fmt: skip
        assert all(each.target is not box.store.root for each in box.store.retention_policy_assignments.values())


def test_without_files_there_is_nothing_about_files(start):
    with start(synthetic=0) as box:
        assert (box.store.hub_items, box.store.sign_requests, len(box.store.hubs)) == ({}, {}, 2)
