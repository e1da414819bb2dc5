"""Skips in the summary of a run: one line for what is missing, and not one for each test that needs it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Generator


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(call: pytest.CallInfo[Any]) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Let a skip out of a fixture be where it is raised, for the summary folds skips of one place and one reason.

    pytest itself says the place of the test, which stays so for a skip by a mark.
    """
    report = yield
    if call.excinfo is not None and call.excinfo.errisinstance(pytest.skip.Exception):
        raised = call.excinfo.traceback.filter(call.excinfo)[-1]
        if "_pytest" not in raised.path.parts:
            report.longrepr = str(raised.path), raised.lineno + 1, f"Skipped: {call.excinfo.value}"
    return report
