"""A sweep: one test that is made for many values, and tells all those for which it fails."""

from __future__ import annotations

import functools
import inspect
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, Final

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

MOST_CHARACTERS: Final = 150
"""How much of the text form of values names them."""


def sweep(
    names: str | tuple[str, ...],
    values: Iterable[Any],
    *,
    ids: Iterable[object] | Callable[[Any], object] | None = None,
    at_once: bool = False,
) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Make a test for each of many values, as `pytest.mark.parametrize` does, but as one, with the same fixtures.

    All values are tried. Those that fail are named by their text forms, by their entries in `ids`, or by what this
    gives for them. As with parametrize, names are separated by commas or in a tuple, and sweeps of one test combine.
    With `at_once`, each value has a thread of its own, for tests that wait.
    """
    wanted = [name.strip() for name in names.split(",")] if isinstance(names, str) else list(names)
    given = [dict(zip(wanted, each if len(wanted) > 1 else [each], strict=True)) for each in values]
    called = [map(ids or repr, each.values()) for each in given] if ids is None or callable(ids) else [[e] for e in ids]
    named = list(zip(map(_text, called), given, strict=True))

    def swept(test: Callable[..., None]) -> Callable[..., None]:
        function, others = getattr(test, "swept", (test, [("", {})]))
        combined = [(", ".join(filter(None, (n, m))), v | w) for n, v in named for m, w in others]

        @functools.wraps(function)
        def each(**fixtures: object) -> None:
            def failure_for(name: str, arguments: dict[str, Any]) -> BaseException | None:
                try:
                    function(**fixtures, **arguments)
                except (Exception, pytest.fail.Exception) as failure:  # noqa: BLE001 - told below, with all others
                    failure.add_note(f"for {name}")
                    return failure
                return None

            if not combined:
                pytest.skip("what the sweep takes its values from is missing")
            with ThreadPoolExecutor(len(combined)) as threads:
                found = list((threads.map if at_once else map)(failure_for, *zip(*combined, strict=True)))
            if failures := [failure for failure in found if failure is not None]:
                failed = [name for (name, _), failure in zip(combined, found, strict=True) if failure is not None]
                raise BaseExceptionGroup(f"{len(failed)} of {len(found)} fail: {'; '.join(failed)}", failures)

        signature = inspect.signature(test)
        left = [parameter for name, parameter in signature.parameters.items() if name not in wanted]
        each.__signature__ = signature.replace(parameters=left)  # type: ignore[attr-defined]
        each.swept = function, combined  # type: ignore[attr-defined]
        return each

    return swept


def _text(names: Iterable[object]) -> str:
    text = "-".join(map(str, names))
    return text if len(text) <= MOST_CHARACTERS else f"{text[:MOST_CHARACTERS]}…"
