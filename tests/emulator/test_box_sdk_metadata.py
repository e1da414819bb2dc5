"""Box's own SDK for Python at work with the metadata of the emulator, which it takes for Box's."""

import pytest

sdk = pytest.importorskip("box_sdk_gen", reason="Box's SDK is in the dependency group bench")
managers = sdk.managers
ENTERPRISE = sdk.GetMetadataTemplateScope.ENTERPRISE


@pytest.fixture(scope="module")
def client(box):
    base = box.ready["api_base_url"].removesuffix("/2.0")
    urls = sdk.BaseUrls(base_url=base, upload_url=f"{base}/api", oauth_2_url=f"{base}/api/oauth2")
    return sdk.BoxClient(auth=sdk.BoxDeveloperTokenAuth(token=box.ready["developer_token"])).with_custom_base_urls(urls)


@pytest.fixture
def key(client, place):
    """Return the key of a template of the test's own, with a field of each type."""
    kinds, options = sdk.CreateMetadataTemplateFieldsTypeField, sdk.CreateMetadataTemplateFieldsOptionsField
    fields = {
        "testName": (kinds.STRING, None), "age": (kinds.FLOAT, None), "birthDate": (kinds.DATE, None),
        "countryCode": (kinds.ENUM, ["US", "CA"]), "sports": (kinds.MULTISELECT, ["basketball", "football", "tennis"]),
    }  # fmt: skip
    made = client.metadata_templates.create_metadata_template(
        "enterprise",
        f"key{place}",
        template_key=f"key{place}",
        fields=[
            sdk.CreateMetadataTemplateFields(
                type=kind,
                key=key,
                display_name=key,
                options=None if values is None else [options(key=value) for value in values],
            )
            for key, (kind, values) in fields.items()
        ],
    )
    assert [field.key for field in made.fields] == list(fields)
    return made.template_key


VALUES = {
    "testName": "John Doe", "age": 23, "birthDate": "2001-01-03T02:20:50.520Z", "countryCode": "US",
    "sports": ["basketball", "tennis"],
}  # fmt: skip


def test_templates(client, key):
    got = client.metadata_templates.get_metadata_template(ENTERPRISE, key)
    assert client.metadata_templates.get_metadata_template_by_id(got.id).template_key == key
    operation = sdk.UpdateMetadataTemplateRequestBody(
        op=sdk.UpdateMetadataTemplateRequestBodyOpField.ADDFIELD,
        field_key="newfieldname",
        data={"type": "string", "displayName": "newFieldName"},
    )
    scope = sdk.UpdateMetadataTemplateScope.ENTERPRISE
    changed = client.metadata_templates.update_metadata_template(scope, key, [operation])
    assert changed.fields[-1].key == "newfieldname"
    assert len(client.metadata_templates.get_enterprise_metadata_templates().entries) > 0
    assert len(client.metadata_templates.get_global_metadata_templates().entries) > 0
    client.metadata_templates.delete_metadata_template(sdk.DeleteMetadataTemplateScope.ENTERPRISE, key)
    with pytest.raises(sdk.BoxAPIError):
        client.metadata_templates.get_metadata_template(ENTERPRISE, key)


def test_instances(client, box, key, place):
    file = box.upload("tagged.txt", b"x", place)["entries"][0]["id"]
    scope = sdk.CreateFileMetadataByIdScope.ENTERPRISE
    made = client.file_metadata.create_file_metadata_by_id(file, scope, key, VALUES)
    assert (made.template, made.version, made.extra_data["birthDate"]) == (key, 0, VALUES["birthDate"])
    got = client.file_metadata.get_file_metadata_by_id(file, sdk.GetFileMetadataByIdScope.ENTERPRISE, key)
    assert (got.extra_data["age"], got.extra_data["sports"]) == (23, VALUES["sports"])
    kinds, change = sdk.UpdateFileMetadataByIdRequestBodyOpField, sdk.UpdateFileMetadataByIdRequestBody
    changed = client.file_metadata.update_file_metadata_by_id(
        file,
        sdk.UpdateFileMetadataByIdScope.ENTERPRISE,
        key,
        [
            change(op=kinds.REPLACE, path="/testName", value="xyz"),
            change(op=kinds.REMOVE, path="/birthDate"),
            change(op=kinds.TEST, path="/age", value=23),
        ],
    )
    assert (changed.version, changed.extra_data["testName"], "birthDate" in changed.extra_data) == (1, "xyz", False)
    assert [each.template for each in client.file_metadata.get_file_metadata(file).entries] == [key]
    client.file_metadata.delete_file_metadata_by_id(file, sdk.DeleteFileMetadataByIdScope.ENTERPRISE, key)
    assert client.file_metadata.get_file_metadata(file).entries == []


def test_cascades(client, key, place):
    scope = sdk.CreateMetadataCascadePolicyScope.ENTERPRISE
    policy = client.metadata_cascade_policies.create_metadata_cascade_policy(place, scope, key)
    assert policy.parent.id == place
    assert client.metadata_cascade_policies.get_metadata_cascade_policies(place).entries[0].id == policy.id
    overwrite = sdk.ApplyMetadataCascadePolicyConflictResolution.OVERWRITE
    with pytest.raises(sdk.BoxAPIError):
        client.metadata_cascade_policies.apply_metadata_cascade_policy(policy.id, overwrite)
    of_folder = sdk.CreateFolderMetadataByIdScope.ENTERPRISE
    client.folder_metadata.create_folder_metadata_by_id(place, of_folder, key, {"testName": "above"})
    client.metadata_cascade_policies.apply_metadata_cascade_policy(policy.id, overwrite)
    client.metadata_cascade_policies.delete_metadata_cascade_policy_by_id(policy.id)
    assert client.metadata_cascade_policies.get_metadata_cascade_policies(place).entries == []


def test_taxonomies(client, box, place):
    namespace, key = f"enterprise_{box.ready['enterprise_id']}", f"geography{place}"
    taxonomies = client.metadata_taxonomies
    assert taxonomies.create_metadata_taxonomy("Geography", namespace, key=key).key == key
    levels = [sdk.MetadataTaxonomyLevel(display_name=name, description=name) for name in ("Continent", "Country")]
    made = taxonomies.create_metadata_taxonomy_level(namespace, key, levels)
    assert [level.level for level in made.entries] == [1, 2]
    assert len(taxonomies.add_metadata_taxonomy_level(namespace, key, "City").entries) == 3
    assert len(taxonomies.delete_metadata_taxonomy_level(namespace, key).entries) == 2
    europe = taxonomies.create_metadata_taxonomy_node(namespace, key, "Europe", 1)
    france = taxonomies.create_metadata_taxonomy_node(namespace, key, "France", 2, parent_id=europe.id)
    assert (france.parent_id, france.node_path) == (europe.id, [europe.id])
    both = taxonomies.get_metadata_taxonomy_nodes(namespace, key, level=[1, 2]).entries
    assert [node.id for node in both] == [europe.id, france.id]
    assert taxonomies.update_metadata_taxonomy_node(namespace, key, france.id, display_name="Gaul").level == 2
    for node in (france, europe):
        taxonomies.delete_metadata_taxonomy_node(namespace, key, node.id)
    taxonomies.delete_metadata_taxonomy(namespace, key)


def test_queries(client, box, key, place):
    scope = f"enterprise_{box.ready['enterprise_id']}"
    file = box.upload("tagged.txt", b"x", place)["entries"][0]["id"]
    client.file_metadata.create_file_metadata_by_id(file, sdk.CreateFileMetadataByIdScope.ENTERPRISE, key, VALUES)
    conditions = (
        "testName = :name AND age < :age AND birthDate >= :birthDate AND countryCode = :code AND sports = :sports"
    )
    parameters = {"name": "John Doe", "age": 50, "birthDate": "2001-01-01T02:20:10.120Z", "code": "US",
        "sports": ["basketball", "tennis"]}  # fmt: skip
    found = client.search.search_by_metadata_query(
        f"{scope}.{key}", "0", query=conditions, query_params=parameters, fields=["name", f"metadata.{scope}.{key}.age"]
    )
    assert [(entry.id, entry.name) for entry in found.entries] == [(file, "tagged.txt")]
    query = client.query
    module = managers.query
    predicate = f'metadata.{scope}."{key}".age >= :age'
    page = query.create_query_v2026_r0(
        module.CreateQueryV2026R0Query(predicate, params={"age": 23}), fields=["box:item:name"], limit=10
    )
    assert [(entry.type, entry.extra_data["name"]) for entry in page.entries] == [("file", "tagged.txt")]
    field = f'metadata.{scope}."{key}".age'
    told = query.create_query_insight_v2026_r0(
        module.CreateQueryInsightV2026R0Query(predicate, params={"age": 23}),
        {"average": sdk.schemas.QueryInsightsMetricDefinitionV2026R0(type="avg", field=field)},
    )
    (overall,) = told.insights
    assert (overall.type, overall.metrics["average"].values) == ("overall", {"avg": 23})
