"""The call of a procedure that makes one: where its inputs stand in it, and what of the answer are rows."""

from __future__ import annotations

import copy
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from box_dialect.api import ApiCall, ApiPath
from box_dialect.api.path import places
from box_dialect.catalog.model.objects import dig, put, steps

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from box_dialect.catalog.model.inputs import Input
    from box_dialect.catalog.model.objects import JsonObject


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Call:
    """Declare the one call that a procedure makes: `POST /files/{file_id}/copy`.

    The places of the path are inputs in snake_case, and always have a value; where the other inputs stand they say
    themselves. `parameters`, `headers` and `body` are sent beside them. The answer is the row, or has rows
    in the list at the dotted place `rows`; an empty answer is one row.
    """

    method: str
    path: str
    parameters: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Mapping[str, Any] = field(default_factory=dict)
    rows: str | None = None

    def check(self, inputs: Iterable[Input]) -> None:
        """Raise ValueError for an input that stands nowhere, or twice, and for a place of the path that is none."""
        left = set(places(self.path))
        for each in inputs:
            stands = [each.parameter in left, each.body is not None, each.query is not None, each.header is not None]
            if sum(stands) != 1:
                raise ValueError(f"{self.method} {self.path}: input {each.name} stands in one place of the call")
            left.discard(each.parameter)
        if left:
            raise ValueError(f"{self.method} {self.path}: no input is called {', '.join(sorted(left))}")

    def filled(self, inputs: Iterable[Input], values: Mapping[str, Any]) -> ApiCall:
        """Return the call with the values of inputs, by their names in snake_case; raises DataError for the path."""
        body: JsonObject = copy.deepcopy(dict(self.body))
        parameters, headers = dict(self.parameters), dict(self.headers)
        in_path, has_body = {}, bool(self.body)
        for each in inputs:
            value = values[each.parameter]
            has_body = has_body or each.body is not None
            if value is None:
                continue
            value = value if each.sent is None else each.sent(value)
            if each.body is not None:
                put(body, each.body, value)
            elif each.query is not None:
                parameters[each.query] = parameter(value)
            elif each.header is not None:
                headers[each.header] = parameter(value)
            else:
                in_path[each.parameter] = value
        path = ApiPath(self.path, **in_path)
        return ApiCall(self.method, path, parameters, body if has_body else None, headers)

    def read(self, answer: Any) -> Sequence[JsonObject]:
        """Return the objects of an answer that are rows."""
        if self.rows is None:
            return [answer or {}]
        found: Sequence[JsonObject] = dig(answer, *steps(self.rows)) or []
        return found


def parameter(value: Any) -> str:
    """Return a value as it stands in a query or a header: lists with commas between, booleans as `true` and `false`."""
    if isinstance(value, list):
        return ",".join(map(str, value))
    return str(value).lower() if isinstance(value, bool) else str(value)
