"""Run a function in a child of fork()."""

from __future__ import annotations

import gc
import os
import signal
import traceback
from multiprocessing.connection import wait
from typing import TYPE_CHECKING

import pytest
from patience import PATIENCE_SECONDS

if TYPE_CHECKING:
    from collections.abc import Callable

by_fork = [
    pytest.mark.skipif(not hasattr(os, "fork"), reason="this platform has no fork"),
    pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning"),
]
"""What marks the tests that use it."""


class Child:
    """A forked child that runs a function, which may wait for the parent by `Child.wait`."""

    def __init__(self, function: Callable[[Callable[[], None]], object]) -> None:
        gc.collect()  # what earlier tests have left is not to be collected in the child
        self._answers, answer_in = os.pipe()
        wait_out, self._go_on = os.pipe()

        def come_so_far() -> None:
            os.write(answer_in, b".")
            os.read(wait_out, 1)

        self._pid = os.fork()
        if self._pid == 0:
            os.close(self._answers)
            os.close(self._go_on)
            answer = "?"
            try:
                answer = str(function(come_so_far))
            except BaseException:  # noqa: BLE001 - whatever it is, it goes to the parent
                answer = traceback.format_exc()
            finally:
                os.write(answer_in, answer.encode())
                os._exit(0)  # a test run must not go on in the child
        os.close(answer_in)
        os.close(wait_out)

    def come_so_far(self) -> None:
        """Wait until the function waits."""
        self._wait()
        answer = os.read(self._answers, 1)
        assert answer == b".", answer.decode() + self.answer()

    def answer(self) -> str:
        """Let the function go on, and return what it gives, as text."""
        os.close(self._go_on)
        self._wait()
        with os.fdopen(self._answers) as pipe:
            answer = pipe.read()
        assert os.waitpid(self._pid, 0)[1] == 0
        return answer

    def _wait(self) -> None:
        if not wait([self._answers], PATIENCE_SECONDS):
            os.kill(self._pid, signal.SIGKILL)
            os.waitpid(self._pid, 0)
            pytest.fail("the child hangs")


def in_child(function: Callable[[], object]) -> str:
    """Return what a function gives in a forked child, as text."""
    return Child(lambda _: function()).answer()
