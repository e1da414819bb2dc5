"""Emulators that have rows of governance and of Box's services, and what paths and queries about these name."""

from box_dialect.emulator.metadata.classifications import LABEL, classifications
from box_dialect.emulator.resources.skill_cards import SkillCards


def ids(store):
    """Return what paths name the rows by."""

    def first(table):
        return next(iter(store.tables[table]))

    return {
        "retention_policy_id": first("retention_policies"),
        "retention_policy_assignment_id": first("retention_policy_assignments"),
        "legal_hold_policy_assignment_id": first("legal_hold_policy_assignments"),
        "template_id": next(iter(store.docgen_templates.values())).file.id,
        "batch_id": first("docgen_batches"), "enterprise_id": store.enterprise["id"], "hub_id": first("hubs"),
    }  # fmt: skip


def apart(store):
    """Return what paths name rows by, where it is something else than elsewhere."""
    teams = "/integration_mappings/teams/{integration_mapping_id}"
    return {teams: {"integration_mapping_id": next(iter(store.integration_mappings_teams))}}


def tag(store, *items):
    """Label items, and put cards on those that are files."""
    for item in items:
        store.add_instance(item, classifications(store), {LABEL: "Public"})
        if item.type == "file":
            store.add(SkillCards(file=item, cards=[]))


def queries(store):
    """Return what lists need in their queries, by path."""

    def first(table):
        return next(iter(store.tables[table]))

    folder, hub = next(iter(store.workflows.values())).folder.id, first("hubs")
    barrier = f"shield_information_barrier_id={first('shield_information_barriers')}"
    segment = f"shield_information_barrier_segment_id={first('shield_information_barrier_segments')}"
    page = next(iter(store.hubs[hub].tables["hub_document_pages"]))
    policy = f"policy_id={first('legal_hold_policies')}"
    return {
        "/legal_hold_policy_assignments": policy,
        "/file_version_legal_holds": policy,
        "/shield_information_barrier_reports": barrier,
        "/shield_information_barrier_segments": barrier,
        "/shield_information_barrier_segment_members": segment,
        "/shield_information_barrier_segment_restrictions": segment,
        "/workflows": f"folder_id={folder}",
        "/automate_workflows": f"folder_id={folder}",
        "/hub_items": f"hub_id={hub}",
        "/hub_collaborations": f"hub_id={hub}",
        "/hub_document_pages": f"hub_id={hub}",
        "/hub_document_blocks": f"hub_id={hub}&page_id={page}",
        "/ai_agents": "include_box_default=true",
    }
