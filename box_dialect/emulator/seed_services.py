"""Plant what a seed has of Box's services: sign requests, workflows, mappings, hubs, documents, agents and archives."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .ai.agents import Agent
from .docgen import DocgenBatch, DocgenJob, DocgenTemplate
from .hubs import HubBlock, HubCollaboration, HubItem, HubPage, add_hub, first_list
from .metadata.taxonomies import identify
from .planted import DAY, EPOCH
from .resources.archives import Archive
from .resources.automate_workflows import WorkflowAction
from .resources.integration_mappings import SlackMapping, TeamsMapping
from .resources.shield_lists import ShieldList
from .resources.workflows import Flow, Workflow
from .signing import Signer, SignRequest, SignTemplate

if TYPE_CHECKING:
    from .model import File, Folder
    from .planted import Planted
    from .state import State

_AT = EPOCH + 320 * DAY


def plant_services(store: State, planted: Planted) -> None:
    """Plant it, about the files and the users of a seed; what is about files is left out where there is none."""
    _plant_lists(store)
    _plant_agents(store)
    for file in planted.files[:2]:
        store.add(DocgenTemplate(file=file), _AT)
    for file, folder in planted.filed[:1]:
        _plant_signing(store, file, folder)
        _plant_workflows(store, folder)
        _plant_mappings(store, folder)
        _plant_documents(store, file)
    _plant_hubs(store, planted)


def _plant_lists(store: State) -> None:
    """Add Shield's lists, and archives."""
    enterprise = {"type": "enterprise", "id": store.enterprise["id"]}
    contents: list[tuple[str, dict[str, Any]]] = [
        ("Partners", {"type": "domain", "domains": ["partner.example", "example.org"]}),
        ("Offices", {"type": "ip", "ip_addresses": ["192.0.2.0/24"]}),
    ]
    for name, content in contents:
        store.add(ShieldList(name=name, enterprise=enterprise, content=content, description=f"{name} of ours"), _AT)
    for name, size in (("Closed cases", 0), ("Projects until 2014", 1 << 20)):
        store.add(Archive(name=name, owned_by=store.admin, description="", size=size), _AT)


def _plant_agents(store: State) -> None:
    """Add an agent of Box's own and one of the enterprise's."""
    ask = {"type": "ai_agent_ask", "access_state": "enabled", "description": "Answers questions about documents."}
    extract = {"type": "ai_agent_extract", "access_state": "enabled", "description": "Finds values in documents."}
    for name, origin, capabilities in (
        ("Contract reader", "CUSTOM", {"ask": ask}),
        ("Box AI", "BOX", {"ask": ask, "extract": extract}),
        ("Invoice reader", "CUSTOM", {"extract": extract}),
    ):
        agent = Agent(
            name=name, access_state="enabled", capabilities=capabilities, created_by=store.admin,
            modified_by=store.admin, origin=origin,
        )  # fmt: skip
        store.add(agent, _AT)


def _plant_signing(store: State, file: File, folder: Folder) -> None:
    """Add templates and requests about a file, which is itself what is to be signed: no copy is made of it."""
    admin, signer = store.admin, {"email": "signer@example.net", "role": "signer", "order": 1}
    templates = [
        store.add(
            SignTemplate(parent_folder=folder, created_by=admin, name=name, source_files=[file], signers=[signer]),
            _AT,
        )
        for name in ("Offer", "Non-disclosure")
    ]
    sender = {"email": admin.login, "role": "final_copy_reader", "order": 0}
    for place, progress in enumerate(("sent", "cancelled", "signed")):
        at = _AT + place * DAY
        request = SignRequest(
            parent_folder=folder, sender=admin, given={"name": f"{file.name}.pdf", "template_id": templates[0].id},
            source_files=[file], sign_files=[file], signers=[Signer(given=sender), Signer(given=signer)],
            progress=progress, finished_at=at + DAY if progress == "signed" else None,
        )  # fmt: skip
        store.add(request, at)


def _plant_workflows(store: State, folder: Folder) -> None:
    """Add workflows of Relay and Automate to a folder."""
    for name, is_enabled in (("Approval", True), ("Old approval", False)):
        outcome = {"id": identify("outcome", name), "type": "outcome", "name": "Task", "action_type": "assign_task",
            "if_rejected": []}  # fmt: skip
        flow = Flow(id=identify("flow", name), outcomes=[outcome])
        workflow = Workflow(
            folder=folder, name=name, created_by=store.admin, flows=[flow], description="By whom it may concern",
            is_enabled=is_enabled,
        )  # fmt: skip
        store.add(workflow, _AT)
        store.add(WorkflowAction(folder=folder, name=name, created_by=store.admin, description=name), _AT)


def _plant_mappings(store: State, folder: Folder) -> None:
    """Map a folder to a channel of Slack and one of Teams."""
    admin = store.admin
    for place, is_manual in enumerate((True, False)):
        channel = {"type": "channel", "id": f"C1234567{place}", "slack_workspace_id": "T12352314", "slack_org_id": None}
        mapping = SlackMapping(
            box_item=folder, partner_item=channel, created_by=admin, modified_by=admin,
            is_manually_created=is_manual,
        )  # fmt: skip
        store.add(mapping, _AT)
    team = {"type": "channel", "id": "19%3ABCD-Avgfggkggyftdtfghghjk", "tenant_id": identify("tenant"),
        "team_id": identify("team")}  # fmt: skip
    store.add(TeamsMapping(box_item=folder, partner_item=team, created_by=admin, modified_by=admin), _AT)


def _plant_documents(store: State, file: File) -> None:
    """Note two documents of a template; one could not be made."""
    version, batch = file.versions[-1], store.add(DocgenBatch(created_by=store.admin), _AT)
    for place, output in enumerate((file, None)):
        job = DocgenJob(
            batch=batch, template_file=file, template_file_version=version, output_type="pdf", source="api",
            created_by=store.admin, output_file=output, output_file_version=None if output is None else version,
            errors=[] if output else [f"There is something called '{file.name}' already"],
        )  # fmt: skip
        store.add(job, _AT + place * DAY)


def _plant_hubs(store: State, planted: Planted) -> None:
    """Add hubs, one with pages, items and collaborators."""
    handbook = add_hub(store, "Handbook", store.admin, "How things are done", _AT)
    handbook.view_count = 17
    add_hub(store, "Sales kit", store.admin, at=_AT + DAY)
    page = next(iter(handbook.of(HubPage).values()))
    store.add(HubBlock(page=page, kind="section_title", fragment="Welcome"), _AT)
    store.add(HubBlock(page=page, kind="paragraph", fragment="Read this <b>first</b>."), _AT)
    store.add(HubPage(hub=handbook, title_fragment="Holidays", parent=page), _AT)
    for file in planted.files[:2]:
        store.add(HubItem(hub=handbook, item=file, block=first_list(handbook)), _AT)
    for user, role in zip(planted.users, ("editor", "viewer"), strict=False):
        store.add(HubCollaboration(hub=handbook, accessible_by=user, role=role), _AT)
