"""The account that a command works with: a URL, a profile, or the variable BOX_URL, and properties besides."""

from __future__ import annotations

import enum
import functools
import os
import re
import sys
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

import click

from box_dialect import Connection, Error, LimitExceededError, SignInError, connect
from box_dialect.profiles import is_profile, raw_properties
from box_dialect.properties import merged
from box_dialect.visible import visible

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

VARIABLE: Final = "BOX_URL"
_NO_ACCOUNT: Final = (
    "No account is named: give a URL, box://…, or the name of a profile, or set the environment variable BOX_URL."
)
_URL: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")


class ExitCode(enum.IntEnum):
    """What a command tells by its exit code; 0 is that all went well."""

    STATEMENT = 1
    USAGE = 2
    SIGN_IN = 3
    LIMIT = 4
    INTERRUPTED = 130


class Failure(click.ClickException):
    """A failure that is shown as one line, with the exit code that tells what kind it is of."""

    def __init__(self, message: str, exit_code: int = ExitCode.STATEMENT) -> None:
        super().__init__(message)
        self._exit_code = exit_code

    @property
    def exit_code(self) -> int:  # type: ignore[override]  # a command reads what click has as a constant
        """What the command exits with."""
        return self._exit_code

    @classmethod
    def of(cls, error: Error, otherwise: ExitCode = ExitCode.STATEMENT, *, place: str = "") -> Failure:
        """Return the failure that an exception of the driver is to a command, with the code that no class tells.

        The message begins with `place`.
        """
        if isinstance(error, SignInError):
            otherwise = ExitCode.SIGN_IN
        elif isinstance(error, LimitExceededError):
            otherwise = ExitCode.LIMIT
        return cls(f"{place}{visible(str(error), is_multiline=True)}", otherwise)


@contextmanager
def failures(otherwise: ExitCode = ExitCode.STATEMENT) -> Iterator[None]:
    """Have what the driver raises in a block shown as a failure, with the code that no class tells."""
    try:
        yield
    except Error as error:
        raise Failure.of(error, otherwise) from None


@dataclass(frozen=True, slots=True)
class Account:
    """Whose Box a command works with: the raw properties of a connection."""

    raw: Mapping[str, Any]

    def given(self, **properties: Any) -> Account:
        """Return the account with further properties, which go before; those that are None are left out."""
        named = [(name, value) for name, value in properties.items() if value is not None]
        return replace(self, raw=merged(self.raw, named))

    def connect(self) -> Connection:
        """Open a connection; raises Failure, with `USAGE` for a wrong property."""
        with failures(ExitCode.USAGE):
            return connect(**self.raw)


def takes_account(
    *operands: str, is_required: bool = True, environment: bool = True
) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Let a command take `[URL] OPERANDS`, and `-p NAME=VALUE`; what the driver raises is shown as one line.

    The operands are shown in the help as they are written here: `[PATH]` may be left out, `SOURCE…` stands for one or
    more. The first word is the account where it is a URL, or the name of a profile and more words come than are needed;
    else the account is what the variable BOX_URL names, with `environment`. The command is called with the account and
    the other words. Without `is_required` there may be no account, and nothing but properties.
    """
    least = sum(not each.startswith("[") for each in operands)
    most = sys.maxsize if any(each.endswith("…") for each in operands) else len(operands)

    def decorate(command: Callable[..., None]) -> Callable[..., None]:
        @click.argument("words", nargs=-1, metavar=" ".join(("[URL]", *operands)))
        @click.option(
            "-p",
            "--property",
            "pairs",
            multiple=True,
            metavar="NAME=VALUE",
            callback=split_pairs,
            help="A connection property; env:NAME and file:PATH stand for what is in a variable or a file.",
        )
        @functools.wraps(command)
        def run(words: Sequence[str], pairs: list[tuple[str, str]], **options: Any) -> None:
            with failures(ExitCode.USAGE):
                named, rest = _split(words, least, most)
                if len(rest) < least:
                    raise click.UsageError(f"Missing argument '{operands[len(rest)]}'.")
                if len(rest) > most:
                    raise click.UsageError(f"Got unexpected extra argument ({rest[most]})")
                if environment:
                    named = named or os.environ.get(VARIABLE) or None
                if named is None and is_required and not pairs:
                    raise click.UsageError(_NO_ACCOUNT)
                found = Account(merged(raw_properties(named) if named else {}, pairs))
            with failures():
                command(found, *rest, **options)

        return run

    return decorate


def _split(words: Sequence[str], least: int, most: int) -> tuple[str | None, Sequence[str]]:
    """Return the word that names the account, None where none does, and the others."""
    is_account = words and (_URL.match(words[0]) or len(words) > most or (len(words) > least and is_profile(words[0])))
    return (words[0], words[1:]) if is_account else (None, words)


def split_pairs(_context: click.Context, _parameter: click.Parameter, pairs: tuple[str, ...]) -> list[tuple[str, str]]:
    """Return the name and the value of each; a text without `=` is a usage error."""
    split = [pair.partition("=") for pair in pairs]
    for name, equals, _ in split:
        if not equals:
            raise click.BadParameter(f"{name!r} is not of the form NAME=VALUE.")
    return [(name, value) for name, _, value in split]
