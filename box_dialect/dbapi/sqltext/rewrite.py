"""Rewriting: a statement as SQLite gets it, and as logs and errors show it.

In a statement that names procedures, each call of one with a side effect stands where it may, and is marked for the
engine; EXEC and CALL become a SELECT; and what may be a secret is left out of logs and errors. Columns of moments are
declared to compare as such, and casts to moments give these.
"""

from __future__ import annotations

import itertools
import re
from typing import TYPE_CHECKING, Any, Final

from msgspec import Struct, field
from msgspec.structs import replace

from box_dialect.catalog.model import SECRET_COLUMNS
from box_dialect.dbapi.sqltext import procedure_calls
from box_dialect.dbapi.sqltext.call_sites import Outermost, Site
from box_dialect.dbapi.sqltext.casts import Cast, cast_datetimes
from box_dialect.dbapi.sqltext.classify import first_word
from box_dialect.dbapi.sqltext.column_collations import declared
from box_dialect.dbapi.sqltext.lexer import Token, read
from box_dialect.dbapi.sqltext.secrecy import HIDDEN, RETURNING, first, hidden, literals, may_be_secrets, outside_names
from box_dialect.dbapi.sqltext.views import in_temp
from box_dialect.engine import MARKS, mark
from box_dialect.errors import ProgrammingError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from box_dialect.catalog import Catalog
    from box_dialect.catalog.model.procedure import Procedure

_MARK: Final = re.compile(MARKS)
_WORD: Final = re.compile("[a-z_][a-z0-9_$]*")
_NAMING: Final = frozenset({"into", "update", "table", "view", "trigger", "index", "exists"})
"""Words before a name that is no call, whatever follows: INSERT INTO P (…), CREATE TABLE IF NOT EXISTS P (…)."""
_NAMES: Final = frozenset({"word", "quoted", "string"})
_QUOTING: Final = re.compile(r"(?<=near \").*(?=\":)|(?<=token: \").*(?=\")|(?<=no such column: ).*", re.DOTALL)
"""Where SQLite's messages quote the statement."""
_TOO_MANY: Final = re.compile(r"too many arguments on (\w+)\(\) - max \d+")


class RewrittenStatement(Struct, frozen=True):
    """A rewritten statement: `text` is for SQLite, with `marks` for calls with a side effect, `shown` for logs.

    `procedures` are those that it names, `secrets` the literals that may be secrets. `call` is there for EXEC and CALL.
    `casts` are those to moments.
    """

    text: str
    shown: str
    marks: Mapping[bytes, int | None] = field(default_factory=dict)
    procedures: tuple[Procedure, ...] = ()
    secrets: tuple[str, ...] = ()
    call: procedure_calls.ProcedureCall | None = None
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

    def names(self) -> set[str]:
        """Return the words of the statement in lower case, and what stands in quotes: any may be a table's name."""
        return {token.content.lower() for token in first(self.text) if token.kind in _NAMES}

    def told(self, message: str, procedures: Mapping[str, Procedure]) -> str:
        """Return what SQLite says of the statement, without marks and secrets, and with what the procedures take.

        Secrets are what any of the `procedures` may take as one, which the connection knows.
        """
        secrets = self.secrets
        if not secrets and _QUOTING.search(message):
            secrets = tuple(literals(may_be_secrets(self.text, first(self.text), procedures) or ()))
        message = self._masked(_MARK.sub("", message) if self.procedures else message, secrets)
        if self.procedures and message == "no query solution":
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

    @staticmethod
    def _masked(message: str, secrets: Collection[str]) -> str:
        """Return a message without what it quotes of the statement, where that holds a secret."""

        def masked(quoted: re.Match[str]) -> str:
            return HIDDEN if any(secret in quoted[0] for secret in secrets) else quoted[0]

        return _QUOTING.sub(masked, message)


def rewrite(operation: str, catalog: Catalog, *, select_may_call: bool) -> RewrittenStatement:
    """Rewrite a statement for SQLite, which names what a catalog has.

    Raises ProgrammingError for a wrong EXEC or CALL, and for what has a side effect where it may not be called:
    anywhere but in those two without `select_may_call`.
    """
    is_call, procedures = first_word(operation) in procedure_calls.VERBS, catalog.procedures
    text, casts = cast_datetimes(declared(in_temp(operation, catalog.views)))
    if not is_call and not _may_name(operation, procedures):
        return RewrittenStatement(text, operation, casts=casts)
    if not is_call:
        found = list(_stripped(read(text)))
        return replace(_marked(text, found, procedures, select_may_call=select_may_call), casts=casts)
    found = list(_stripped(read(operation)))
    call = procedure_calls.parse(found, procedures)
    places, marks = ["?"] * len(call.procedure.inputs), {}
    if call.procedure.side_effect:
        marks[marked := mark()] = len(places)
        places.insert(0, _literal(marked))
    text = f'SELECT * FROM "{call.procedure.name}"({", ".join(places)})'  # noqa: S608 - the catalog's name
    shown = _shown(operation, found, (call.procedure,))
    return RewrittenStatement(text, shown, marks, (call.procedure,), call=call)


def _may_name(operation: str, procedures: Mapping[str, Procedure]) -> bool:
    """Tell whether a statement may name a procedure or a secret column; most do not, and are not split into tokens."""
    words = _WORD.findall(operation.lower())
    return not (procedures.keys().isdisjoint(words) and SECRET_COLUMNS.isdisjoint(words))


def _marked(
    operation: str, found: list[Token], procedures: Mapping[str, Procedure], *, select_may_call: bool
) -> RewrittenStatement:
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
    pieces, marks, end = list[str](), dict[bytes, int | None](), 0
    for site in sites:
        given, at, marked = outermost.given(site), found[site.place + (not site.is_bare)].end, mark()
        marks[marked], literal = given, _literal(marked)
        pieces += operation[end:at], f"({literal})" if site.is_bare else literal, "," if given else ""
        end = at
    text = "".join([*pieces, operation[end:]])
    all_named = tuple(named.values())
    secrets = tuple(literals(_secrets(found, all_named)))
    return RewrittenStatement(text, _shown(operation, found, all_named), marks, all_named, secrets)


def _sites(outermost: Outermost, procedures: Mapping[str, Procedure]) -> Iterator[Site]:
    """Yield what names a procedure: calls, and bare mentions, which may be names of something else."""
    common: set[str] = set()
    found: list[Site] = []
    for place, token in enumerate(outermost.found):
        procedure = procedures.get(token.content.lower()) if token.kind in _NAMES else None
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


def _stripped(found: Iterable[Token]) -> Iterator[Token]:
    return itertools.dropwhile(lambda token: token.text == ";", found)


def _secrets(found: list[Token], named: Collection[Procedure]) -> list[Token]:
    """Return the literals that may be secrets, as they are where a procedure or a column takes one."""
    given = itertools.takewhile(lambda token: token.text.lower() != RETURNING, found)
    is_secret = any(procedure.has_secrets for procedure in named) or any(
        token.content.lower() in SECRET_COLUMNS for token in given
    )
    return outside_names(found, named) if is_secret else []


def _shown(operation: str, found: list[Token], named: Collection[Procedure]) -> str:
    return hidden(operation, _secrets(found, named))
