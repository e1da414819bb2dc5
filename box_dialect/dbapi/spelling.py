"""A statement as SQLite gets it, and as people may see it.

In a statement that names procedures, each call is marked for the engine, which runs it once however often SQLite
evaluates it; EXEC and CALL become a SELECT; and what may be a secret is left out of logs and errors. Columns of
moments are declared to compare as such, and casts to moments give these.
"""

from __future__ import annotations

import itertools
import re
from collections import Counter
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final

from box_dialect.dbapi import calls
from box_dialect.dbapi.casts import Cast, cast_moments
from box_dialect.dbapi.declared import declared
from box_dialect.dbapi.lexer import Token, tokens
from box_dialect.dbapi.statements import first_word
from box_dialect.engine import mark
from box_dialect.errors import ProgrammingError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from box_dialect.catalog.procedure import Procedure

_MARK: Final = re.compile(rf"{mark(0)[:-3]}[0-9a-f]+',?")
_WORD: Final = re.compile("[a-z_][a-z0-9_$]*")
_NAMING: Final = frozenset({"into", "update", "table", "view", "trigger", "index", "exists"})
"""Words before a name that is no call, whatever follows: INSERT INTO P (…), CREATE TABLE IF NOT EXISTS P (…)."""
_TABLES_FOLLOW: Final = frozenset({"from", "join", ","})
"""What stands before a string where SQLite takes it for the name of a table."""
_LITERALS: Final = frozenset({"string", "quoted", "blob", "number"})
_QUOTING: Final = re.compile(r"(?<=near \").*(?=\":)|(?<=token: \").*(?=\")|(?<=no such column: ).*", re.DOTALL)
"""Where SQLite's messages quote the statement."""
_TOO_MANY: Final = re.compile(r"too many arguments on (\w+)\(\) - max \d+")
_HIDDEN: Final = "***"


@dataclass(frozen=True, slots=True)
class Spelled:
    """A statement: `text` is for SQLite, `shown` for logs; `mentions` counts the bare mentions of procedures.

    `procedures` are those that it names, `secrets` the literals that may be secrets. `call` is there for EXEC and CALL.
    `casts` are those to moments.
    """

    text: str
    shown: str
    mentions: Mapping[str, int] = field(default_factory=dict)
    procedures: tuple[Procedure, ...] = ()
    secrets: tuple[str, ...] = ()
    call: calls.Call | None = None
    casts: tuple[Cast, ...] = ()

    def bound(self, parameters: Any) -> Any:
        """Return the parameters for `text`."""
        return parameters if self.call is None else self.call.values(parameters)

    def column(self, name: str) -> str:
        """Return the name of a result column as the statement has it."""
        for cast in self.casts:
            name = name.replace(cast.text, cast.original)
        return _MARK.sub("", name) if self.procedures else name

    def type(self, name: str, declared: str | None) -> str | None:
        """Return the declared type of a result column; that of a cast where it has no other."""
        return declared or next((cast.type for cast in self.casts if cast.name == name), None)

    def told(self, message: str) -> str:
        """Return what SQLite says of the statement, without marks and secrets, and with what the procedures take."""
        if not self.procedures:
            return message
        message = _QUOTING.sub(self._quoted, _MARK.sub("", message))
        if message == "no query solution":
            names = " and ".join(procedure.name for procedure in self.procedures)
            return f"each input of {names} that the statement uses needs a value by = or IN, joined by AND"
        found = _TOO_MANY.search(message)
        for procedure in self.procedures:
            if found is not None and found[1].lower() == procedure.key:
                return f"{procedure.name} takes at most {len(procedure.inputs)} inputs: {procedure.signature}"
            if message.startswith("no such column"):
                outputs = ", ".join(output.name for output in procedure.outputs)
                message += f"; {procedure.name} has the inputs {procedure.signature}, and gives {outputs}"
        return message

    def _quoted(self, quoted: re.Match[str]) -> str:
        return _HIDDEN if any(secret in quoted[0] for secret in self.secrets) else quoted[0]


def spell(operation: str, procedures: Mapping[str, Procedure]) -> Spelled:
    """Read a statement; raises ProgrammingError for a wrong EXEC or CALL, and for a procedure in a view or trigger."""
    is_call = first_word(operation) in calls.VERBS
    text, casts = cast_moments(declared(operation))
    if not is_call and not _may_name(operation, procedures):
        return Spelled(text, operation, casts=casts)
    if not is_call:
        return replace(_marked(text, list(_tokens(text)), procedures), casts=casts)
    found = list(_tokens(operation))
    call = calls.parse(found, procedures)
    places = ["?"] * len(call.procedure.inputs)
    if call.procedure.side_effect:
        places.insert(0, mark(0))
    text = f'SELECT * FROM "{call.procedure.name}"({", ".join(places)})'  # noqa: S608 - the catalog's name
    return Spelled(text, _shown(operation, found, (call.procedure,)), procedures=(call.procedure,), call=call)


def _tokens(operation: str) -> Iterator[Token]:
    return itertools.dropwhile(lambda token: token.text == ";", tokens(operation))


def without_secrets(operation: str, procedures: Mapping[str, Procedure]) -> str | None:
    """Return a statement as people may see it; None where it names no procedure that takes a secret."""
    if not _may_name(operation, procedures):
        return None
    found = list(tokens(operation))
    named = {procedures[name] for name in (token.content.lower() for token in found) if name in procedures}
    return _shown(operation, found, named) if any(procedure.has_secrets for procedure in named) else None


def _may_name(operation: str, procedures: Mapping[str, Procedure]) -> bool:
    """Tell whether a statement may name a procedure; most do not, and are not split into tokens."""
    return not procedures.keys().isdisjoint(_WORD.findall(operation.lower()))


def _marked(operation: str, found: list[Token], procedures: Mapping[str, Procedure]) -> Spelled:
    named: dict[str, Procedure] = {}
    mentions: Counter[str] = Counter()
    inserts: list[tuple[int, str]] = []
    for place, token in enumerate(found):
        procedure = procedures.get(token.content.lower()) if token.kind in {"word", "quoted", "string"} else None
        if procedure is None or _text(found, place - 1) in _NAMING:
            continue
        if _text(found, place + 1) == "(":
            if _is_common_table(found, place):
                continue
            named[procedure.key] = procedure
            if procedure.side_effect:
                comma = "" if _text(found, place + 2) == ")" else ","
                inserts.append((found[place + 1].end, mark(len(inserts) + 1) + comma))
        elif _text(found, place + 1) != ".":
            named[procedure.key] = procedure
            mentions[procedure.name] += token.kind != "string" or _text(found, place - 1) in _TABLES_FOLLOW
    for procedure in named.values():
        _check_not_stored(found, procedure)
    text = operation
    for end, inserted in reversed(inserts):
        text = text[:end] + inserted + text[end:]
    all_named = tuple(named.values())
    secrets = tuple(token.content for token in _secrets(found, all_named) if token.content)
    return Spelled(text, _shown(operation, found, all_named), mentions, all_named, secrets)


def _text(found: list[Token], place: int) -> str:
    return found[place].text.lower() if 0 <= place < len(found) else ""


def _is_common_table(found: list[Token], place: int) -> bool:
    """Tell whether a name with a parenthesis behind it is that of a common table expression and its columns."""
    depth = 0
    for after in range(place + 1, len(found)):
        depth += {"(": 1, ")": -1}.get(found[after].text, 0)
        if depth == 0:
            return _text(found, after + 1) == "as" and _text(found, after + 2) in {"(", "not", "materialized"}
    return False


def _check_not_stored(found: list[Token], procedure: Procedure) -> None:
    if procedure.side_effect and _text(found, 0) in {"create", "alter"} and not _is_table_of_select(found):
        raise ProgrammingError(
            f"{procedure.name} has a side effect, so it is called by a statement itself, "
            "and not by what a view, trigger, table or index keeps"
        )


def _is_table_of_select(found: list[Token]) -> bool:
    """Tell whether a statement is CREATE TABLE … AS SELECT, which keeps what the calls gave, and no call."""
    words = [_text(found, place) for place in range(len(found))]
    return "table" in words[1:3] and next((word for word in words if word in {"as", "("}), "") == "as"


def _secrets(found: list[Token], named: Collection[Procedure]) -> Iterator[Token]:
    """Yield the literals that may be secrets, the last one first; what stands in double quotes may be meant as one."""
    if any(procedure.has_secrets for procedure in named):
        known = {name.lower() for procedure in named for name in procedure.names}
        for token in reversed(found):
            if token.kind in _LITERALS and not (token.kind == "quoted" and token.content.lower() in known):
                yield token


def _shown(operation: str, found: list[Token], named: Collection[Procedure]) -> str:
    text = operation
    for token in _secrets(found, named):
        text = text[: token.start] + _HIDDEN + text[token.end :]
    return text
