"""Secrets in the text of a statement: which literals may be one, so that no log and no message has them.

Source: https://www.sqlite.org/lang.html
"""

from __future__ import annotations

import difflib
import functools
import itertools
import re
from typing import TYPE_CHECKING, Any, Final, ParamSpec, TypeVar

import apsw

from box_dialect.catalog import TABLES
from box_dialect.catalog.model import SECRET_COLUMNS
from box_dialect.dbapi.sqltext import procedure_calls
from box_dialect.dbapi.sqltext.call_sites import Outermost
from box_dialect.dbapi.sqltext.classify import first_word
from box_dialect.dbapi.sqltext.lexer import MOST_TOKENS, Token, edited, tokens
from box_dialect.engine import add_functions
from box_dialect.errors import ProgrammingError, called_without_frames, without_frames
from box_dialect.properties import PROPERTIES

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Coroutine, Iterable, Mapping

    from box_dialect.catalog.model.procedure import Procedure

P = ParamSpec("P")
T = TypeVar("T")

HIDDEN: Final = "***"
"""What stands in the place of what may be a secret."""

RETURNING: Final = "returning"
"""The word behind which columns are named alone, and are given nothing."""

_LITERALS: Final = frozenset({"string", "quoted", "blob", "number"})
_NAMES: Final = frozenset({"word", "quoted", "string"})
_CONSTANTS: Final = frozenset({"null", "true", "false"})
_WORD: Final = re.compile("[a-z_][a-z0-9_$]*")

_VERBS: Final = frozenset(
    {"alter", "analyze", "attach", "begin", "commit", "create", "delete", "detach", "drop", "end", "explain", "insert"}
    | {
        "pragma",
        "reindex",
        "release",
        "replace",
        "rollback",
        "savepoint",
        "select",
        "update",
        "vacuum",
        "values",
        "with",
    }
)
"""The words that a statement of SQLite's begins with."""

_BEFORE_TABLES: Final = frozenset({"into", "table", "exists", "references", "on", "as", "index"})
"""Words before a name that no call has, though a parenthesis follows: of a table with its columns, of a type."""

_TABLE_FUNCTIONS: Final = frozenset({"json_each", "json_tree", "jsonb_each", "jsonb_tree"})

_SHORTEST: Final = 8
"""Letters of a word that is compared for likeness: shorter ones resemble too much."""

_LONGEST: Final = 64

_MOST_WORDS: Final = 1_000
"""Words that are compared, which takes long; of more, any may be one."""

_SECRET_PROPERTIES: Final = frozenset(declared.name.lower() for declared in PROPERTIES if declared.secret)
"""Names of connection properties that are secrets."""


def without_secrets(operation: str, procedures: Mapping[str, Procedure]) -> str | None:
    """Return a statement as people may see it; None where nothing in it may be a secret.

    It takes longer than to read a statement that runs, so what is very long is told in part.
    """
    found = first(operation)
    if len(found) == MOST_TOKENS:
        operation = operation[: found[-1].end]
    secrets = may_be_secrets(operation, found, procedures)
    return None if secrets is None else hidden(operation, secrets)


def may_be_secrets(operation: str, found: list[Token], procedures: Mapping[str, Procedure]) -> list[Token] | None:
    """Return what of a statement's tokens may be secrets, None where it has to do with none.

    It has where it names a procedure or an input that takes one, or means to: a name may be misspelt, and so may EXEC,
    CALL or SELECT be. Of what calls a function that there is not, nobody knows what it was to call.
    """
    named = {procedures[name] for name in (token.content.lower() for token in found) if name in procedures}
    verb = first_word(operation)
    if (
        verb in procedure_calls.VERBS and not _is_call(found, procedures)
    ) or verb not in _VERBS | procedure_calls.VERBS:
        return _values(found, named)
    takes_secrets = any(procedure.has_secrets for procedure in named) or _resembles_secret(operation, procedures)
    return outside_names(found, named) if takes_secrets or _calls_what_is_not(found, procedures) else None


def executed_without_secrets(method: Callable[P, T]) -> Callable[P, T]:
    """Have the failures of a cursor's or a connection's method raised without the frames that have what it is given.

    That is where its statement may hold a secret; it is the first that the method takes, or named.
    """
    return called_without_frames(method, _are_given_secrets)


def awaited_without_secrets(method: Callable[P, Coroutine[Any, Any, T]]) -> Callable[P, Coroutine[Any, Any, T]]:
    """Have the failures of a coroutine raised as `executed_without_secrets` has those of a method."""
    return without_frames(method, _are_given_secrets)


def _are_given_secrets(owner: Any, *args: object, **kwargs: object) -> bool:
    given, procedures = (*args[:1], *kwargs.values()), getattr(owner, "connection", owner).catalog.procedures
    return any(isinstance(each, str) and without_secrets(each, procedures) is not None for each in given)


def first(operation: str) -> list[Token]:
    """Return the tokens of a statement, so many at most as are read of any."""
    return list(itertools.islice(tokens(operation), MOST_TOKENS))


def literals(found: Iterable[Token]) -> list[str]:
    """Return what the literals say, and what stands in double quotes, which may be meant as one."""
    return [token.content for token in found if token.kind in _LITERALS and token.content]


def outside_names(found: list[Token], named: Collection[Procedure]) -> list[Token]:
    """Return the literals, but for the names of procedures, inputs and outputs in double quotes."""
    known = _names(named)
    return [
        token
        for token in found
        if token.kind in _LITERALS and not (token.kind == "quoted" and token.content.lower() in known)
    ]


def hidden(operation: str, secrets: Iterable[Token]) -> str:
    """Return a statement without its secrets."""
    return edited(operation, [(token.start, token.end, HIDDEN) for token in secrets])


def _values(found: list[Token], named: Collection[Procedure]) -> list[Token]:
    """Return what may be a value in a call that cannot be read, also without quotes: all but its names.

    These are its first two words, what stands before `=` or `=>`, and what procedures declare.
    """
    known = _names(named) | _CONSTANTS
    behind = [token.text for token in found[1:]] + [""]
    words = [n for n, token in enumerate(found) if token.kind == "word"][:2]
    return [
        token
        for n, token in enumerate(found)
        if token.kind != "sign"
        and token.text != "?"
        and n not in words
        and behind[n] not in {"=", "=>"}
        and token.content.lower() not in known
    ]


def _names(named: Collection[Procedure]) -> set[str]:
    return {name.lower() for procedure in named for name in procedure.names}


def _is_call(found: list[Token], procedures: Mapping[str, Procedure]) -> bool:
    """Tell whether a statement is an EXEC or CALL that is right."""
    try:
        procedure_calls.parse(list(itertools.dropwhile(lambda token: token.text == ";", found)), procedures)
    except ProgrammingError:
        return False
    return True


def _resembles_secret(operation: str, procedures: Mapping[str, Procedure]) -> bool:
    """Tell whether a statement has a word like the name of what takes a secret: procedure, input, property, column."""
    secretive = _SECRET_PROPERTIES.union(SECRET_COLUMNS, *(procedure.secretive for procedure in procedures.values()))
    lowered = operation.lower()
    returned = SECRET_COLUMNS.difference(_WORD.findall(lowered.partition(RETURNING)[0]))
    words = {word for word in _WORD.findall(lowered) if len(word) <= _LONGEST and word not in returned}
    longer = [word for word in words - _meant(procedures) if len(word) >= _SHORTEST]
    if not secretive.isdisjoint(words) or len(longer) > _MOST_WORDS:
        return True
    return any(_is_secretive(word, secretive) for word in longer)


def _meant(procedures: Mapping[str, Procedure]) -> set[str]:
    """Return the names in lower case that are no others misspelt: of Box's tables, and of procedures and inputs."""
    of_procedures = {name.lower() for procedure in procedures.values() for name in procedure.names}
    return (
        of_procedures | {each.parameter for procedure in procedures.values() for each in procedure.inputs} | _tables()
    )


@functools.cache
def _tables() -> frozenset[str]:
    return frozenset(TABLES).union(*(table.numbers for table in TABLES.values()))


@functools.lru_cache(maxsize=4096)
def _is_secretive(word: str, secretive: frozenset[str]) -> bool:
    plain = word.replace("_", "")
    return len(plain) >= _SHORTEST and bool(difflib.get_close_matches(plain, secretive, n=1))


def _calls_what_is_not(found: list[Token], procedures: Mapping[str, Procedure]) -> bool:
    """Tell whether a statement calls a function that there is not."""
    outermost: Outermost | None = None
    for place, token in enumerate(found[:-1]):
        if found[place + 1].text != "(" or token.kind not in _NAMES:
            continue
        if token.content.lower() in procedures or token.content.lower() in _known():
            continue
        outermost = outermost or Outermost(found)
        if not (_names_table(found, place) or outermost.is_common_table(place)):
            return True
    return False


def _names_table(found: list[Token], place: int) -> bool:
    """Tell whether a name with a parenthesis behind it is that of a table, or of a type behind a column."""
    while place > 1 and found[place - 1].text == ".":
        place -= 2
    before = found[place - 1] if place else None
    if before is None or before.kind not in _NAMES:
        return False
    return before.text.lower() in _BEFORE_TABLES or before.text.upper() not in apsw.keywords


@functools.cache
def _known() -> frozenset[str]:
    """Return the names of SQLite's functions, the driver's and the words of SQL, in lower case."""
    connection = apsw.Connection(":memory:")
    add_functions(connection, lambda _: None)
    functions = connection.execute("SELECT name FROM pragma_function_list UNION SELECT name FROM pragma_module_list")
    known = {str(name).lower() for (name,) in functions} | {word.lower() for word in apsw.keywords} | _TABLE_FUNCTIONS
    connection.close()
    return frozenset(known)
