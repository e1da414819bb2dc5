"""A statement as SQLite gets it, and as people may see it.

In a statement that names procedures, each call of one with a side effect stands where it may, and is marked for the
engine; EXEC and CALL become a SELECT; and what may be a secret is left out of logs and errors.
"""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from box_dialect.dbapi import calls
from box_dialect.dbapi.lexer import Token, tokens
from box_dialect.dbapi.sites import Outermost, Site
from box_dialect.dbapi.statements import first_word
from box_dialect.engine import MARKS, mark
from box_dialect.errors import ProgrammingError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from box_dialect.catalog.procedure import Procedure

_MARK: Final = re.compile(MARKS)
_WORD: Final = re.compile("[a-z_][a-z0-9_$]*")
_NAMING: Final = frozenset({"into", "update", "table", "view", "trigger", "index", "exists"})
"""Words before a name that is no call, whatever follows: INSERT INTO P (…), CREATE TABLE IF NOT EXISTS P (…)."""
MOST_TOKENS: Final = 200_000
"""Words, signs and literals of a statement that names a procedure; to read more would take long."""
_LITERALS: Final = frozenset({"string", "quoted", "blob", "number"})
_QUOTING: Final = re.compile(r"(?<=near \").*(?=\":)|(?<=token: \").*(?=\")|(?<=no such column: ).*", re.DOTALL)
"""Where SQLite's messages quote the statement."""
_TOO_MANY: Final = re.compile(r"too many arguments on (\w+)\(\) - max \d+")
_HIDDEN: Final = "***"


@dataclass(frozen=True, slots=True)
class Spelled:
    """A statement: `text` is for SQLite, with `marks` for the calls that have a side effect; `shown` is for logs.

    `procedures` are those that it names, `secrets` the literals that may be secrets. `call` is there for EXEC and CALL.
    """

    text: str
    shown: str
    marks: frozenset[bytes] = frozenset()
    procedures: tuple[Procedure, ...] = ()
    secrets: tuple[str, ...] = ()
    call: calls.Call | None = None

    def bound(self, parameters: Any) -> Any:
        """Return the parameters for `text`."""
        return parameters if self.call is None else self.call.values(parameters)

    def column(self, name: str) -> str:
        """Return the name of a result column without marks."""
        return _MARK.sub("", name) if self.procedures else name

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


def spell(operation: str, procedures: Mapping[str, Procedure], *, select_may_call: bool) -> Spelled:
    """Read a statement.

    Raises ProgrammingError for a wrong EXEC or CALL, and for what has a side effect where it may not be called:
    anywhere but in those two without `select_may_call`.
    """
    is_call = first_word(operation) in calls.VERBS
    if not is_call and not _may_name(operation, procedures):
        return Spelled(operation, operation)
    begun = itertools.dropwhile(lambda token: token.text == ";", tokens(operation))
    found = list(itertools.islice(begun, MOST_TOKENS + 1))
    if len(found) > MOST_TOKENS:
        raise ProgrammingError("a statement that names a procedure is shorter than this one; give values as parameters")
    if not is_call:
        return _marked(operation, found, procedures, select_may_call=select_may_call)
    call = calls.parse(found, procedures)
    places, marks = ["?"] * len(call.procedure.inputs), list[bytes]()
    if call.procedure.side_effect:
        marks.append(mark(0, len(places)))
        places.insert(0, _literal(marks[0]))
    text = f'SELECT * FROM "{call.procedure.name}"({", ".join(places)})'  # noqa: S608 - the catalog's name
    shown = _shown(operation, found, (call.procedure,))
    return Spelled(text, shown, frozenset(marks), (call.procedure,), call=call)


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


def _marked(
    operation: str, found: list[Token], procedures: Mapping[str, Procedure], *, select_may_call: bool
) -> Spelled:
    named: dict[str, Procedure] = {}
    sites: list[Site] = []
    outermost = Outermost(found)
    for site in _sites(outermost, procedures):
        named[site.procedure.key] = site.procedure
        if site.procedure.side_effect and (not site.is_bare or outermost.is_table(site.place)):
            sites.append(site)
    if sites and not select_may_call:
        name = sites[0].procedure.name
        raise ProgrammingError(f"{name} has a side effect, and here only EXEC, CALL and callproc may call such a one")
    outermost.check(sites)
    pieces, marks, end = list[str](), list[bytes](), 0
    for number, site in enumerate(sites, 1):
        given, at = outermost.given(site), found[site.place + (not site.is_bare)].end
        marks.append(mark(number, given))
        literal = _literal(marks[-1])
        pieces += operation[end:at], f"({literal})" if site.is_bare else literal, "," if given else ""
        end = at
    text = "".join([*pieces, operation[end:]])
    all_named = tuple(named.values())
    secrets = tuple(token.content for token in _secrets(found, all_named) if token.content)
    return Spelled(text, _shown(operation, found, all_named), frozenset(marks), all_named, secrets)


def _sites(outermost: Outermost, procedures: Mapping[str, Procedure]) -> Iterator[Site]:
    """Yield what names a procedure: calls, and bare mentions, which may be names of something else."""
    common: set[str] = set()
    found: list[Site] = []
    for place, token in enumerate(outermost.found):
        procedure = procedures.get(token.content.lower()) if token.kind in {"word", "quoted", "string"} else None
        before, after = outermost.text(place - 1), outermost.text(place + 1)
        if procedure is None or before in _NAMING:
            continue
        if outermost.is_common_table(place):
            common.add(procedure.key)
        elif after == "(" or after != ".":
            found.append(Site(procedure, place, is_bare=after != "("))
    return (site for site in found if not (site.is_bare and site.procedure.key in common))


def _literal(marked: bytes) -> str:
    return f"x'{marked.hex()}'"


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
