"""Box's own SDK for Python at work with governance and the services of the emulator, which it takes for Box's."""

import pytest

sdk = pytest.importorskip("box_sdk_gen", reason="Box's SDK is in the dependency group bench")
managers, schemas = sdk.managers, sdk.schemas


@pytest.fixture(scope="module")
def box(start):
    with start() as client:
        yield client


@pytest.fixture(scope="module")
def client(box):
    base = box.ready["api_base_url"].removesuffix("/2.0")
    urls = sdk.BaseUrls(base_url=base, upload_url=f"{base}/api", oauth_2_url=f"{base}/api/oauth2")
    return sdk.BoxClient(auth=sdk.BoxDeveloperTokenAuth(token=box.ready["developer_token"])).with_custom_base_urls(urls)


@pytest.fixture
def file(box, place):
    return box.upload("file.txt", b"Total: 12\nThe sky is blue.", place)["entries"][0]["id"]


def is_gone(call, *arguments):
    with pytest.raises(sdk.BoxAPIError) as caught:
        call(*arguments)
    return caught.value.response_info.status_code == 404


def test_classifications(client, file, place):
    (field,) = client.classifications.get_classification_template().fields
    assert [option.key for option in field.options] == ["Public", "Confidential", "Secret"]
    data = managers.AddClassificationRequestBodyDataField(key=f"New {place}")
    added = client.classifications.add_classification([managers.AddClassificationRequestBody(data=data)])
    assert added.fields[0].options[-1].key == f"New {place}"
    data = managers.UpdateClassificationRequestBodyDataField(key=f"Newer {place}")
    body = managers.UpdateClassificationRequestBody(enum_option_key=f"New {place}", data=data)
    assert client.classifications.update_classification([body]).fields[0].options[-1].key == f"Newer {place}"
    files, folders = client.file_classifications, client.folder_classifications
    made = files.add_classification_to_file(file, box_security_classification_key="Public")
    assert made.box_security_classification_key == "Public"
    change = managers.UpdateClassificationOnFileRequestBody(value="Secret")
    assert files.update_classification_on_file(file, [change]).box_security_classification_key == "Secret"
    assert files.get_classification_on_file(file).template == made.template
    files.delete_classification_from_file(file)
    assert is_gone(files.get_classification_on_file, file)
    folders.add_classification_to_folder(place, box_security_classification_key="Public")
    assert folders.get_classification_on_folder(place).box_security_classification_key == "Public"
    folders.delete_classification_from_folder(place)


def test_skills(client, file):
    card = schemas.KeywordSkillCard(
        skill=schemas.KeywordSkillCardSkillField(id="s"),
        invocation=schemas.KeywordSkillCardInvocationField(id="i"),
        entries=[schemas.KeywordSkillCardEntriesField(text="law")],
    )
    assert len(client.skills.create_box_skill_cards_on_file(file, [card]).cards) == 1
    body = managers.UpdateBoxSkillCardsOnFileRequestBody(
        op=managers.UpdateBoxSkillCardsOnFileRequestBodyOpField.REPLACE, path="/cards/0", value=card
    )
    assert client.skills.update_box_skill_cards_on_file(file, [body]).version == 1
    client.skills.delete_box_skill_cards_from_file(file)
    assert is_gone(client.skills.get_box_skill_cards_on_file, file)


def test_retention(client, file, place):
    policies, assignments = client.retention_policies, client.retention_policy_assignments
    policy = policies.create_retention_policy(
        f"Policy {place}", managers.CreateRetentionPolicyPolicyType.FINITE,
        managers.CreateRetentionPolicyDispositionAction.REMOVE_RETENTION, retention_length="1",
        are_owners_notified=False, can_owner_extend_retention=False, description="test",
        retention_type=managers.CreateRetentionPolicyRetentionType.MODIFIABLE,
    )  # fmt: skip
    assert policies.get_retention_policy_by_id(policy.id).description == "test"
    assert policies.update_retention_policy_by_id(policy.id, policy_name=f"New {place}").policy_name == f"New {place}"
    assert policy.id in [each.id for each in policies.get_retention_policies(limit=1000).entries]
    target = managers.CreateRetentionPolicyAssignmentAssignTo(
        type=managers.CreateRetentionPolicyAssignmentAssignToTypeField.FOLDER, id=place
    )
    made = assignments.create_retention_policy_assignment(policy.id, target)
    assert (made.retention_policy.id, made.assigned_to.id) == (policy.id, place)
    assert assignments.get_retention_policy_assignments(policy.id).entries[0].id == made.id
    assert assignments.get_files_under_retention_policy_assignment(made.id).entries[0].id == file
    kept = client.file_version_retentions.get_file_version_retentions(file_id=file).entries[0]
    assert client.file_version_retentions.get_file_version_retention_by_id(kept.id).file.id == file
    assignments.delete_retention_policy_assignment_by_id(made.id)
    policies.delete_retention_policy_by_id(policy.id)
    assert is_gone(policies.get_retention_policy_by_id, policy.id)


def test_legal_holds(client, file, place):
    policies, assignments = client.legal_hold_policies, client.legal_hold_policy_assignments
    policy = policies.create_legal_hold_policy(f"Case {place}", description="test", is_ongoing=True)
    assert policies.get_legal_hold_policy_by_id(policy.id).assignment_counts.file == 0
    assert policies.update_legal_hold_policy_by_id(policy.id, release_notes="x").release_notes == "x"
    assert policies.get_legal_hold_policies(policy_name=f"case {place}").entries[0].id == policy.id
    target = managers.CreateLegalHoldPolicyAssignmentAssignTo(
        type=managers.CreateLegalHoldPolicyAssignmentAssignToTypeField.FILE, id=file
    )
    made = assignments.create_legal_hold_policy_assignment(policy.id, target)
    assert assignments.get_legal_hold_policy_assignments(policy.id).entries[0].id == made.id
    assert assignments.get_legal_hold_policy_assignment_file_on_hold(made.id).entries[0].id == file
    (hold,) = client.file_version_legal_holds.get_file_version_legal_holds(policy.id).entries
    assert client.file_version_legal_holds.get_file_version_legal_hold_by_id(hold.id).file.id == file
    assignments.delete_legal_hold_policy_assignment_by_id(made.id)
    policies.delete_legal_hold_policy_by_id(policy.id)


def test_barriers(client, box):
    barriers, segments = client.shield_information_barriers, client.shield_information_barrier_segments
    (barrier,) = barriers.get_shield_information_barriers().entries
    assert barriers.get_shield_information_barrier_by_id(barrier.id).enterprise.id == box.ready["enterprise_id"]
    disabled = managers.UpdateShieldInformationBarrierStatusStatus.DISABLED
    assert barriers.update_shield_information_barrier_status(barrier.id, disabled).status == disabled
    base = schemas.ShieldInformationBarrierBase(id=barrier.id)
    reports = client.shield_information_barrier_reports
    report = reports.create_shield_information_barrier_report(shield_information_barrier=base)
    assert reports.get_shield_information_barrier_report_by_id(report.id).status == "done"
    first, second = (
        segments.create_shield_information_barrier_segment(base, name, description="x") for name in ("One", "Two")
    )
    assert segments.update_shield_information_barrier_segment_by_id(first.id, description="y").description == "y"
    users = client.shield_information_barrier_segment_members
    module = managers.shield_information_barrier_segment_members
    segment = module.CreateShieldInformationBarrierSegmentMemberShieldInformationBarrierSegment(id=first.id)
    user = schemas.UserBase(id=box.ready["admin_user_id"])
    member = users.create_shield_information_barrier_segment_member(segment, user)
    assert users.get_shield_information_barrier_segment_members(first.id).entries[0].id == member.id
    module = managers.shield_information_barrier_segment_restrictions
    prefix = "CreateShieldInformationBarrierSegmentRestriction"
    restrictions = client.shield_information_barrier_segment_restrictions
    made = restrictions.create_shield_information_barrier_segment_restriction(
        getattr(module, f"{prefix}ShieldInformationBarrierSegment")(id=first.id),
        getattr(module, f"{prefix}RestrictedSegment")(id=second.id),
    )
    assert made.restricted_segment.id == second.id
    segments.delete_shield_information_barrier_segment_by_id(first.id)
    is_gone(restrictions.get_shield_information_barrier_segment_restriction_by_id, made.id)


def test_sign_requests(client, file, place):
    signer = schemas.SignRequestCreateSigner(email="signer@example.net", role="signer")
    made = client.sign_requests.create_sign_request(
        [signer], source_files=[schemas.FileBase(id=file)], parent_folder=schemas.FolderMini(id=place),
        name="Sign created by SDK", days_valid=30,
    )  # fmt: skip
    assert (made.name, made.parent_folder.id, made.signers[1].email) == (
        "Sign created by SDK.pdf", place, "signer@example.net",
    )  # fmt: skip
    assert client.sign_requests.get_sign_request_by_id(made.id).status == "sent"
    client.sign_requests.resend_sign_request(made.id)
    assert client.sign_requests.get_sign_requests(limit=1000).entries[-1].type == "sign-request"
    assert client.sign_requests.cancel_sign_request(made.id).status == "cancelled"
    template = client.sign_templates.get_sign_templates(limit=2).entries[0]
    assert client.sign_templates.get_sign_template_by_id(template.id).additional_info.required.signers is not None


def test_workflows_and_mappings(client, box, place):
    workflow = next(iter(box.store.workflows.values()))
    (first, _) = client.workflows.get_workflows(workflow.folder.id).entries
    file = next(file for file in box.store.files.values() if file.parent is workflow.folder)
    client.workflows.start_workflow(
        first.id,
        managers.StartWorkflowFlow(type="flow", id=first.flows[0].id),
        [managers.StartWorkflowFiles(id=file.id)],
        managers.StartWorkflowFolder(id=workflow.folder.id),
    )
    assert workflow.runs == [[file.id]]
    mappings = client.integration_mappings
    channel = schemas.IntegrationMappingPartnerItemSlack(id=f"C{place}", slack_org_id="E1")
    folder = schemas.IntegrationMappingBoxItemSlack(id=place)
    made = mappings.create_slack_integration_mapping(channel, folder)
    assert mappings.get_slack_integration_mapping(partner_item_id=f"C{place}").entries[0].id == made.id
    options = schemas.IntegrationMappingSlackOptions(is_access_management_disabled=True)
    changed = mappings.update_slack_integration_mapping_by_id(made.id, options=options)
    assert changed.options.is_access_management_disabled
    mappings.delete_slack_integration_mapping_by_id(made.id)
    assert len(mappings.get_teams_integration_mapping().entries) == 1


def test_ai(client, file):
    ask, item = client.ai.create_ai_ask, schemas.AiItemAsk(id=file, type="file")
    told = ask(sdk.CreateAiAskMode.SINGLE_ITEM_QA, "Which color is the sky?", [item], include_citations=True)
    assert (told.answer, told.citations[0].content) == ("The sky is blue.",) * 2
    base = schemas.AiItemBase(id=file)
    field = managers.CreateAiExtractStructuredFields(key="total", type="float")
    extracted = client.ai.create_ai_extract_structured([base], fields=[field])
    assert extracted.answer == {"total": 12}
    assert client.ai.create_ai_extract("total", [base]).answer == '{"total": "12"}'
    text = client.ai.create_ai_text_gen("Paint it", [managers.CreateAiTextGenItems(id=file)])
    assert text.completion_reason == "done"
    for mode in managers.GetAiAgentDefaultConfigMode:
        assert client.ai.get_ai_agent_default_config(mode).type == f"ai_agent_{mode.value}"


def test_ai_studio(client):
    studio = client.ai_studio
    ask = schemas.AiStudioAgentAsk(access_state="enabled", description="Answers")
    agent = studio.create_ai_agent("Agent", "enabled", ask=ask)
    assert studio.get_ai_agent_by_id(agent.id).ask.description == "Answers"
    assert studio.update_ai_agent_by_id(agent.id, "Other", "disabled", ask=ask).name == "Other"
    assert agent.id in [each.id for each in studio.get_ai_agents(limit=1000).entries]
    studio.delete_ai_agent_by_id(agent.id)
    assert is_gone(studio.get_ai_agent_by_id, agent.id)


def test_hubs(client, box, file, place):
    hub = client.hubs.create_hub_v2025_r0(f"Hub {place}", description="test")
    assert client.hubs.update_hub_by_id_v2025_r0(hub.id, description="new").description == "new"
    assert client.hubs.get_hubs_v2025_r0(query=place, sort="name").entries[0].id == hub.id
    assert hub.id in [each.id for each in client.hubs.get_enterprise_hubs_v2025_r0(limit=1000).entries]
    operation = schemas.HubItemOperationV2025R0("add", schemas.FileReferenceV2025R0(id=file))
    told = client.hub_items.manage_hub_items_v2025_r0(hub.id, operations=[operation])
    assert told.operations[0].status == 201
    assert client.hub_items.get_hub_items_v2025_r0(hub.id).entries[0].id == file
    grantee = managers.CreateHubCollaborationV2025R0AccessibleBy(type="user", id=box.ready["user_id"])
    made = client.hub_collaborations.create_hub_collaboration_v2025_r0(
        managers.CreateHubCollaborationV2025R0Hub(id=hub.id), grantee, "viewer"
    )
    people = client.hub_collaborations
    assert people.update_hub_collaboration_by_id_v2025_r0(made.id, role="editor").role == "editor"
    assert people.get_hub_collaborations_v2025_r0(hub.id).entries[0].id == made.id
    people.delete_hub_collaboration_by_id_v2025_r0(made.id)
    page = client.hub_document.get_hub_document_pages_v2025_r0(hub.id).entries[0]
    assert len(client.hub_document.get_hub_document_blocks_v2025_r0(hub.id, page.id).entries) == 1
    twin = client.hubs.copy_hub_v2025_r0(hub.id, title="Twin")
    for each in (twin, hub):
        client.hubs.delete_hub_by_id_v2025_r0(each.id)
    assert is_gone(client.hubs.get_hub_by_id_v2025_r0, hub.id)


def test_docgen(client, box, place):
    file = box.upload("t.docx", b"Dear {{name}}", place)["entries"][0]["id"]
    reference = schemas.FileReferenceV2025R0(id=file)
    assert client.docgen_template.create_docgen_template_v2025_r0(reference).file.id == file
    assert client.docgen_template.get_docgen_template_by_id_v2025_r0(file).file_name == "t.docx"
    (tag,) = client.docgen_template.get_docgen_template_tags_v2025_r0(file).entries
    assert tag.json_paths == ["name"]
    batch = client.docgen.create_docgen_batch_v2025_r0(
        reference, "api", managers.CreateDocgenBatchV2025R0DestinationFolder(id=place), "pdf",
        [schemas.DocGenDocumentGenerationDataV2025R0("out", {"name": "Ada"})],
    )  # fmt: skip
    (job,) = client.docgen.get_docgen_batch_job_by_id_v2025_r0(batch.id).entries
    assert client.docgen.get_docgen_job_by_id_v2025_r0(job.id).status == "completed"
    assert client.docgen_template.get_docgen_template_job_by_id_v2025_r0(file).entries[0].id == job.id
    assert job.id in [each.id for each in client.docgen.get_docgen_jobs_v2025_r0(limit=1000).entries]
    client.docgen_template.delete_docgen_template_by_id_v2025_r0(file)


def test_lists_archives_and_configuration(client, box, place):
    content = schemas.ShieldListContentIpV2025R0(ip_addresses=["192.0.2.1"])
    made = client.shield_lists.create_shield_list_v2025_r0(f"List {place}", content, description="x")
    changed = client.shield_lists.update_shield_list_by_id_v2025_r0(made.id, f"Other {place}", content)
    assert (changed.name, changed.content.ip_addresses) == (f"Other {place}", ["192.0.2.1"])
    assert made.id in [each.id for each in client.shield_lists.get_shield_lists_v2025_r0().entries]
    client.shield_lists.delete_shield_list_by_id_v2025_r0(made.id)
    archive = client.archives.create_archive_v2025_r0(f"Archive {place}", description="x")
    assert client.archives.update_archive_by_id_v2025_r0(archive.id, description="y").description == "y"
    assert archive.id in [each.id for each in client.archives.get_archives_v2025_r0(limit=1000).entries]
    client.archives.delete_archive_by_id_v2025_r0(archive.id)
    read = client.enterprise_configurations.get_enterprise_configuration_by_id_v2025_r0
    told = read(box.ready["enterprise_id"], ["security", "shield"])
    assert (told.security.password_min_length.value, told.shield.shield_rules) == (8, [])


def test_automate_and_notes(client, box, place):
    action = next(iter(box.store.automate_workflows.values()))
    (first, _) = client.automate_workflows.get_automate_workflows_v2026_r0(action.folder.id).entries
    file = next(file for file in box.store.files.values() if file.parent is action.folder)
    client.automate_workflows.create_automate_workflow_start_v2026_r0(first.workflow.id, first.id, [file.id])
    assert action.runs == [[file.id]]
    note = client.notes.create_note_convert_v2026_r0("# Hi", schemas.FolderReferenceV2026R0(id=place), "Note")
    assert box.get(f"/files/{note.id}")["name"] == "Note.boxnote"
