"""An emulator over real HTTP, with each request and response checked against Box's OpenAPI document.

The document is corrected where Box's own guides and known answers say otherwise.
"""

import contextlib
import itertools
import json
import os
from urllib.parse import parse_qsl, urlsplit

import httpx
import plain_http
import pytest
from documented import OPENAPI, whole
from openapi_core import Config, OpenAPI
from openapi_core.datatypes import RequestParameters
from werkzeug.datastructures import Headers, ImmutableMultiDict

from box_dialect.emulator import Emulator, Options
from box_dialect.emulator.oauth import authority

REDIRECT_URI = "http://127.0.0.1:5/back"
JSON_PATCH = "application/json-patch+json"
PLACES = itertools.count(1)

# What the document says more narrowly than Box answers.
NULLABLE = {
    "Folder--Mini": ("sequence_id", "etag"),
    "Folder": ("folder_upload_email",),
    "File--Full": ("lock", "classification", "expires_at"),
    "FileVersion": ("trashed_by", "restored_by"),
    "Collaboration": ("acknowledged_at", "accessible_by"),
    "UploadUrl": ("upload_token",),
    "SearchResultWithSharedLink": ("accessible_via_shared_link",),
    "Task": ("due_at",),
    "TaskAssignment": ("completed_at", "reminded_at"),
    "RecentItem": ("interaction_shared_link",),
    "FileRequest": ("expires_at",),
    "TrashFile": ("shared_link",),
    "TrashFolder": ("shared_link",),
    "FileVersionRetention": ("disposition_at",),
    "LegalHoldPolicy": ("deleted_at", "filter_started_at", "filter_ended_at"),
    "LegalHoldPolicyAssignment": ("deleted_at",),
    "FileVersionLegalHold": ("deleted_at",),
    "ShieldInformationBarrier": ("enabled_at", "enabled_by"),
    "AiSingleAgentResponse--Full": ("ask", "text_gen", "extract"),
}


# An unconfirmed login may be empty, and so may a list of tags.
UNKEPT = (("format", "email"), ("minItems", 1))


def read():
    """Return the document: no documentation variants of paths, no security schemes that the validator knows not."""
    document = whole()
    document["paths"] = {path: entry for path, entry in document["paths"].items() if "#" not in path}
    document.pop("security", None)
    for entry in document["paths"].values():
        for operation in entry.values():
            operation.pop("security", None)
    for kind in ("file", "folder"):  # https://github.com/box/box-openapi/issues/392
        answers = document["paths"][f"/{kind}s/{{{kind}_id}}/metadata/{{scope}}/{{template_key}}"]["get"]["responses"]
        answers["200"] = answers.pop("201")
    schemas = document["components"]["schemas"]
    for name in [name for name in schemas if name.split(".")[-1] == "ClientError"]:
        schemas[name]["properties"]["code"].pop("enum", None)  # the list is incomplete
    schemas["ConflictError"] = {"$ref": "#/components/schemas/ClientError"}  # uploads answer one conflict, not a list
    schemas["EventSourceResource"]["anyOf"] = schemas["EventSourceResource"].pop("oneOf")  # a file fits several
    for name, fields in NULLABLE.items():
        for part in schemas[name].get("allOf", [schemas[name]]):
            for field in fields:
                if field in part.get("properties", {}):
                    part["properties"][field] = {"allOf": [part["properties"][field]], "nullable": True}
    return _walk(document)


def _walk(node):
    """Let null pass wherever `nullable` stands beside or inside an allOf, and drop formats that Box does not keep."""
    if isinstance(node, list):
        return [_walk(entry) for entry in node]
    if not isinstance(node, dict):
        return node
    node = {key: _walk(value) for key, value in node.items() if (key, value) not in UNKEPT}
    if isinstance(node.get("required"), list) and "accessed" in node["required"]:
        node.pop("required")  # a shared link has no such field: a slip of the document's
    node.pop("allowEmptyValue", None)  # the validator warns of it
    if "expired_at" in node.get("properties", {}):
        node["properties"]["expired_at"]["nullable"] = True  # a lock can be for good
    if node.get("nullable") and isinstance(node.get("enum"), list):
        node["enum"] = [*node["enum"], None]
    if isinstance(node.get("allOf"), list):
        said = [part["nullable"] for part in [*node["allOf"], node] if "nullable" in part]
        if said and said[-1]:
            return {"anyOf": [node, {"type": "object", "nullable": True, "enum": [None]}]}
    return node


class Request:
    """What openapi-core wants to know of a request."""

    def __init__(self, request, host, path):
        self.host_url, self.path, self.method = host, path, request.method.lower()
        self.content_type = request.headers.get("content-type", "")
        self.body = request.read() or None
        query = ImmutableMultiDict(parse_qsl(request.url.query.decode(), keep_blank_values=True))
        self.parameters = RequestParameters(query=query, header=Headers(request.headers), cookie=ImmutableMultiDict())


class Response:
    """What openapi-core wants to know of a response."""

    def __init__(self, response):
        self.status_code, self.data = response.status_code, response.content
        self.headers = Headers(response.headers)
        self.content_type = response.headers.get("content-type", "")


class Contract:
    """Checks requests and responses against the document."""

    def __init__(self):
        self.document, self.folder = read(), OPENAPI.parent
        self.original = whole()
        self._openapi = OpenAPI.from_dict(
            self.document,
            config=Config(spec_validator_cls=None, extra_media_type_deserializers={JSON_PATCH: json.loads}),
        )

    def resolved(self, part):
        """Return what a reference refers to, and anything else as it is."""
        return self.document["components"]["schemas"][part["$ref"].rpartition("/")[2]] if "$ref" in part else part

    def check(self, response: httpx.Response, *, check_request: bool) -> None:
        """Raise when the request or the answer is not as documented; an empty answer has nothing to check."""
        path = response.request.url.path
        hosts = {"/api/2.0": "https://upload.box.com", "/2.0": "https://api.box.com", "/oauth2": "https://api.box.com"}
        host = next(host for prefix, host in hosts.items() if path.startswith(prefix))
        request = Request(response.request, host, path)
        if check_request:
            self._openapi.validate_request(request)
        if response.content:
            self._openapi.validate_response(request, Response(response))


class Box:
    """A client of one emulator that checks each request and response against Box's OpenAPI document."""

    def __init__(self, emulator, contract, token=None):
        self.emulator, self.contract, self.ready, self.store = emulator, contract, emulator.ready, emulator.store
        token = token or self.ready["developer_token"]
        self.http = httpx.Client(headers={"authorization": f"Bearer {token}"}, **plain_http.HERE)

    def call(self, method, path, status=200, *, check_request=True, documented=True, upload=False, **options):
        base = self.ready["upload_base_url" if upload else "api_base_url"]
        response = self.http.request(method, base + path, **options)
        assert response.status_code == status, f"{method} {path}: {response.status_code} {response.text}"
        if documented:
            self.contract.check(response, check_request=check_request)
        return response

    def get(self, path, status=200, **options):
        response = self.call("GET", path, status, **options)
        return response.json() if response.content else None

    def post(self, path, body=None, status=201, **options):
        return self.call("POST", path, status, json=body or {}, **options).json()

    def put(self, path, body, status=200, **options):
        response = self.call("PUT", path, status, json=body, **options)
        return response.json() if response.content else None

    def json_patch(self, path, operations, status=200, **options):
        """Send operations of a JSON Patch."""
        return self.call("PUT", path, status, json=operations, headers={"content-type": JSON_PATCH}, **options).json()

    def delete(self, path, status=204, **options):
        response = self.call("DELETE", path, status, **options)
        return response.json() if response.content else None

    def upload(self, name, data, parent="0", status=201, path="/files/content", **options):
        attributes = {"name": name, "parent": {"id": parent}, **options.pop("attributes", {})}
        parts = [("attributes", (None, json.dumps(attributes))), ("file", (name, data))]
        return self.call("POST", path, status, upload=True, check_request=False, files=parts, **options).json()

    def folder(self, name, parent="0"):
        return self.post("/folders", {"name": name, "parent": {"id": parent}})["id"]

    def share(self, item, user=None, role="editor", kind="folder", **options):
        """Let a user, or the one of the ready file, collaborate on an item, and return the collaboration's id."""
        grantee = {"type": "user", "id": user or self.ready["user_id"]}
        body = {"item": {"type": kind, "id": item}, "accessible_by": grantee, "role": role}
        return self.post("/collaborations", body | options)["id"]

    def close(self):
        self.http.close()

    def control(self, method, path, **options):
        root = self.ready["api_base_url"].removesuffix("/2.0")
        return self.http.request(method, f"{root}/_emulator{path}", **options)

    def token(self, status=200, **form):
        credentials = {"client_id": self.ready["client_id"], "client_secret": self.ready["client_secret"]}
        response = plain_http.post(self.ready["token_url"], data=credentials | form)
        assert response.status_code == status, response.text
        self.contract.check(response, check_request=False)
        return response.json()

    def authorize(self, form=None, **query):
        """Ask for the authorization page, or send its form."""
        asked = {"response_type": "code", "client_id": self.ready["client_id"], "redirect_uri": REDIRECT_URI, **query}
        asked = {name: value for name, value in asked.items() if value is not None}
        return plain_http.request(
            "GET" if form is None else "POST", self.ready["authorize_url"], params=asked, data=form
        )

    def consent(self, form=None, **query):
        """Grant access on the authorization page, unless the form says otherwise, and return what the redirect says."""
        response = self.authorize({"decision": "grant", **(form or {})}, **query)
        assert response.status_code == 302, response.text
        return dict(parse_qsl(urlsplit(response.headers["location"]).query))

    def expire(self, kind, **which):
        response = self.control("POST", "/expire", json={"kind": kind, **which})
        assert response.status_code == 204, response.text

    @contextlib.contextmanager
    def clock(self, offset):
        """Let the emulator's clock be off by some seconds."""
        self.control("POST", "/clock", json={"offset": offset}).raise_for_status()
        try:
            yield
        finally:
            self.control("POST", "/clock", json={"offset": 0}).raise_for_status()

    @contextlib.contextmanager
    def signed_in(self, user_id):
        form = {"grant_type": "client_credentials", "box_subject_type": "user", "box_subject_id": user_id}
        other = Box(self.emulator, self.contract, self.token(**form)["access_token"])
        with other.http:
            yield other


@pytest.fixture(autouse=True)
def lasting_codes(monkeypatch):
    """Let authorization codes outlive any pause of the machine."""
    monkeypatch.setattr(authority, "CODE_TTL", 86_400)


@pytest.fixture(scope="session")
def contract():
    if not OPENAPI.is_file():
        reason = f"Box's OpenAPI document is not at {OPENAPI}; set BOX_OPENAPI to its path"
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(reason)
    return Contract()


@pytest.fixture(scope="session")
def start(contract):
    """Return a function that starts an emulator with options, for use in a with statement."""

    @contextlib.contextmanager
    def starting(resources=(), **options):
        with Emulator(Options(**options), resources=resources) as emulator:
            box = Box(emulator, contract)
            with box.http:
                yield box

    return starting


@pytest.fixture(scope="module")
def box(start):
    """Return a client of an emulator with the default tree, which the tests of a module share."""
    with start() as client:
        yield client


@pytest.fixture
def place(box):
    """Return the id of an empty folder of the test's own."""
    return box.folder(f"place {next(PLACES)}")
