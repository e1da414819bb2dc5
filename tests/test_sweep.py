"""A sweep tries every value, and names each for which the test fails."""

from __future__ import annotations

import inspect
import threading
from typing import TYPE_CHECKING

import pytest
from patience import PATIENCE_SECONDS
from sweep import sweep

if TYPE_CHECKING:
    from collections.abc import Callable


def failure_of(test: Callable[..., None], **fixtures: object) -> tuple[str, list[str]]:
    with pytest.raises(BaseExceptionGroup) as caught:
        test(**fixtures)
    return caught.value.message, [f"{type(each).__name__} {each.__notes__}" for each in caught.value.exceptions]


def test_all_values_are_tried_and_those_that_fail_are_named() -> None:
    tried = []

    @sweep("number", range(6))
    def test(number: int) -> None:
        tried.append(number)
        assert number != 1
        if number == 3:
            pytest.fail("three")
        {}[number % 5 or "nought"]

    message, failures = failure_of(test)
    assert tried == [0, 1, 2, 3, 4, 5]
    assert message == "6 of 6 fail: 0; 1; 2; 3; 4; 5"
    assert failures[1:4] == ["AssertionError ['for 1']", "KeyError ['for 2']", "Failed ['for 3']"]


def test_fixtures_are_what_no_sweep_gives() -> None:
    @sweep("a, b", [(1, 2), (3, 4)], ids=["first", "second"])
    @sweep("c", ["x", "y"])
    def test(fixture: str, a: int, b: int, c: str) -> None:
        assert (fixture, a + b, c) in [("it", 3, "x"), ("it", 7, "y")]

    assert list(inspect.signature(test).parameters) == ["fixture"]
    assert failure_of(test, fixture="it")[0] == "2 of 4 fail: first, 'y'; second, 'x'"
    assert failure_of(test, fixture="none")[0].startswith("4 of 4 fail")


def test_values_are_named_as_ids_name_them() -> None:
    @sweep("a, b", [("x", 1), ("x" * 200, 2)], ids=lambda value: f"<{value}>")
    def test(a: str, b: int) -> None:
        assert a == b

    assert failure_of(test)[0] == f"2 of 2 fail: <x>-<1>; <{'x' * 149}…"


def test_values_may_wait_for_one_another() -> None:
    together = threading.Barrier(3)

    @sweep("number", range(3), at_once=True)
    def test(number: int) -> None:
        together.wait(PATIENCE_SECONDS)
        assert number != 1

    assert failure_of(test) == ("1 of 3 fail: 1", ["AssertionError ['for 1']"])


def test_nothing_is_told_where_nothing_fails() -> None:
    @sweep("value", ["a", "b"])
    def test(value: str) -> None:
        assert value

    test()


def test_a_sweep_over_nothing_is_skipped() -> None:
    @sweep("value", [])
    def test(value: int) -> None:
        raise AssertionError(value)

    with pytest.raises(pytest.skip.Exception, match="is missing"):
        test()
