"""What Box's OpenAPI document has against a request: every part of one is as the document describes it, or told."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qsl, unquote_to_bytes

import msgspec
from documented import everything, resolved

if TYPE_CHECKING:
    from collections.abc import Iterator

_ROOTS: Final = (
    ("/2.0/", "https://api.box.com/2.0", ""),
    ("/2.0/", "https://dl.boxcloud.com/2.0", ""),
    ("/api/2.0/", "https://upload.box.com/api/2.0", ""),
    ("/oauth2/", "https://api.box.com", "/oauth2"),
    ("/api/oauth2/", "https://account.box.com/api/oauth2", ""),
)
"""Where an emulator serves each of Box's servers, and what the document has before the rest of the path."""

_HEADERS: Final = frozenset(
    {
        "accept",
        "accept-encoding",
        "as-user",
        "authorization",
        "connection",
        "content-length",
        "content-type",
        "host",
        "user-agent",
    }
)
"""Headers that any request may have; Box's guides describe those that are not HTTP's."""

_DOCUMENT: Final = "box:document"
_validators: Final[dict[int, Any]] = {}
_BOOLEANS: Final = {"true": True, "false": False}


@dataclass(frozen=True, slots=True)
class Request:
    """A request as it came: `path` and `query` are quoted still, the names of `headers` are in lower case."""

    method: str
    path: str
    query: str
    headers: dict[str, str]
    body: bytes

    @property
    def name(self) -> str:
        """Method and path."""
        return f"{self.method} {self.path}"


@dataclass(frozen=True, slots=True)
class _Operation:
    """An operation of the document, and the segments of its path."""

    segments: tuple[str, ...]
    described: dict[str, Any]

    def parameters(self, place: str) -> dict[str, Any]:
        """Return the parameters in a place, each by its name."""
        found = map(resolved, self.described.get("parameters", []))
        return {each["name"]: each for each in found if each["in"] == place}


def complaints(request: Request) -> list[str]:
    """Return what Box's document has against a request."""
    operation, ids = _operation(request)
    if operation is None:
        return ["it is no operation of the document"]
    found = [*_in_path(operation, ids), *_in_query(operation, request), *_in_headers(operation, request)]
    return [*found, *_in_body(operation, request)]


@cache
def _operations() -> dict[tuple[str, str, int], list[_Operation]]:
    """Return the operations by server, method and number of segments, those with fewer parameters first."""
    found: dict[tuple[str, str, int], list[_Operation]] = {}
    for path, entry in everything()["paths"].items():
        segments = tuple(path.split("/"))
        for method, described in entry.items():
            (server,) = described.get("servers") or everything()["servers"]
            url = server["url"].format(**{name: each["default"] for name, each in server.get("variables", {}).items()})
            key = url, method.upper(), len(segments)
            found.setdefault(key, []).append(_Operation(segments, described))
    for several in found.values():
        several.sort(key=lambda operation: sum("{" in segment for segment in operation.segments))
    return found


def _operation(request: Request) -> tuple[_Operation | None, dict[str, str]]:
    """Return the operation that a request is of, and what stands in its path for the parameters."""
    for root, server, before in _ROOTS:
        if not request.path.startswith(root):
            continue
        segments = f"{before}/{request.path.removeprefix(root)}".split("/")
        for operation in _operations().get((server, request.method, len(segments)), ()):
            found = [_form(*pair) for pair in zip(operation.segments, segments, strict=True)]
            if None not in found:
                return operation, {name: value for each in found for name, value in (each or {}).items()}
    return None, {}


def _form(declared: str, given: str) -> dict[str, str] | None:
    """Return what stands for the parameter of a declared segment, as `thumbnail.{extension}`; None for another one."""
    before, _, name = declared.partition("{")
    if not name:
        return {} if declared == given else None
    return {name[:-1]: given.removeprefix(before)} if given.startswith(before) else None


def _in_path(operation: _Operation, ids: dict[str, str]) -> Iterator[str]:
    for name, schema in operation.parameters("path").items():
        value = ids.get(name, "")
        if not re.fullmatch(r"(?:[A-Za-z0-9_.~!$&'()*+,;=:@-]|%[0-9A-F]{2})+", value) or {".", ".."} & {
            *re.split(r"[/\\]", _text(value))
        }:
            yield f"the path parameter {name} is {value!r}"
        yield from _wrong(
            f"the path parameter {name}", schema["schema"], _read(resolved(schema["schema"]), _text(value))
        )


def _in_query(operation: _Operation, request: Request) -> Iterator[str]:
    described, given = operation.parameters("query"), dict[str, str]()
    for name, value in parse_qsl(request.query, keep_blank_values=True):
        if name in given:
            yield f"the query parameter {name} is given twice"
        given[name] = value
        if name not in described:
            yield f"there is no query parameter {name}"
            continue
        schema = resolved(described[name]["schema"])
        if schema["type"] == "array":
            items = resolved(schema["items"])
            is_json = items["type"] == "object"
            try:
                read: Any = msgspec.json.decode(value) if is_json else [_read(items, each) for each in value.split(",")]
            except msgspec.DecodeError:
                read = value
        else:
            read = _read(schema, value)
        yield from _wrong(f"the query parameter {name}", schema, read)
    for name, parameter in described.items():
        if parameter.get("required") and name not in given:
            yield f"the query parameter {name} is missing"


def _in_headers(operation: _Operation, request: Request) -> Iterator[str]:
    described = operation.parameters("header")
    for name, value in request.headers.items():
        if name in described:
            yield from _wrong(f"the header {name}", described[name]["schema"], value)
        elif name not in _HEADERS:
            yield f"there is no header {name}"
    for name, parameter in described.items():
        if parameter.get("required") and name not in request.headers:
            yield f"the header {name} is missing"


def _in_body(operation: _Operation, request: Request) -> Iterator[str]:
    taken = operation.described.get("requestBody")
    if taken is None:
        if request.body:
            yield "it takes no body"
        return
    kind = request.headers.get("content-type", "").partition(";")[0]
    if kind not in taken["content"]:
        # A body that nothing of is required may be left out.
        if request.body or any(resolved(each["schema"]).get("required") for each in taken["content"].values()):
            yield f"its body is {kind or 'missing'}, not {' or '.join(taken['content'])}"
        return
    schema = taken["content"][kind]["schema"]
    if kind == "application/x-www-form-urlencoded":
        body: Any = dict(parse_qsl(request.body.decode(), keep_blank_values=True))
    elif kind.endswith("json"):
        try:
            body = msgspec.json.decode(request.body)
        except msgspec.DecodeError:
            yield "its body is no JSON"
            return
    else:
        return  # the parts of an upload are no JSON, and what they hold is not described
    yield from _wrong("the body", schema, body)
    yield from (f"the body has no {place}" for place in _unknown(schema, body, ""))


def _unknown(schema: Any, value: Any, place: str) -> Iterator[str]:
    """Yield the places in a value that its schema does not name."""
    parts = list(_parts(schema))
    if isinstance(value, list):
        items = {"anyOf": [part["items"] for part in parts if "items" in part]}
        for entry in value:
            yield from _unknown(items, entry, f"{place}[]")
    if not isinstance(value, dict) or any(map(_takes_any_name, parts)):
        return
    for name, entry in value.items():
        described = [part["properties"][name] for part in parts if name in part.get("properties", {})]
        inner = f"{place}.{name}".lstrip(".")
        if described:
            yield from _unknown({"anyOf": described}, entry, inner)
        else:
            yield inner


def _takes_any_name(schema: Any) -> bool:
    return bool(schema.get("additionalProperties")) or (schema.get("type") == "object" and "properties" not in schema)


def _parts(schema: Any) -> Iterator[Any]:
    """Yield a schema and all that it is composed of."""
    schema = resolved(schema)
    yield schema
    for composition in ("allOf", "oneOf", "anyOf"):
        for part in schema.get(composition, ()):
            yield from _parts(part)


def _read(schema: Any, text: str) -> Any:
    """Return a text of the query in the type that it is described by; the text where it is none of that."""
    kind = resolved(schema)["type"]
    if kind == "integer" and re.fullmatch("-?[0-9]{1,4000}", text):
        return int(text)
    return _BOOLEANS.get(text, text) if kind == "boolean" else text


def _text(quoted: str) -> str:
    return unquote_to_bytes(quoted).decode(errors="replace")


def _wrong(what: str, schema: Any, value: Any) -> Iterator[str]:
    for error in _validator(schema).iter_errors(value):
        place = "".join(f".{step}" for step in error.absolute_path)
        said = error.message if len(error.message) <= 200 else f"{error.message[:60]} … {error.message[-100:]}"
        yield f"{what}{place}: {said}"


def _validator(schema: Any) -> Any:
    """Return the validator of a schema of the document, which is made once."""
    found = _validators.get(id(schema))
    if found is None:
        from openapi_schema_validator import OAS30Validator, oas30_format_checker

        found = OAS30Validator(_prepared(schema), format_checker=oas30_format_checker, registry=_registry())
        _validators[id(schema)] = found
    return found


@cache
def _registry() -> Any:
    from referencing import Registry, Resource
    from referencing.jsonschema import DRAFT4

    components = {"components": _prepared(everything()["components"])}
    return Registry().with_resource(_DOCUMENT, Resource(contents=components, specification=DRAFT4))


def _prepared(node: Any) -> Any:
    """Lead references to the registry, and let null pass where `nullable` stands beside or inside an allOf or enum."""
    if isinstance(node, list):
        return [_prepared(entry) for entry in node]
    if not isinstance(node, dict):
        return node
    if isinstance(node.get("$ref"), str):
        return {"$ref": f"{_DOCUMENT}{node['$ref']}"}
    node = {key: _prepared(value) for key, value in node.items()}
    if node.get("nullable") is True and isinstance(node.get("enum"), list):
        node["enum"] = [*node["enum"], None]
    if isinstance(node.get("allOf"), list):
        said = [part["nullable"] for part in [*node["allOf"], node] if "nullable" in part]
        if said and said[-1]:
            return {"anyOf": [node, {"type": "object", "nullable": True, "enum": [None]}]}
    return node
