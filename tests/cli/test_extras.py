import re
import subprocess
import sys

import pytest


def run(*arguments):
    return subprocess.run([sys.executable, *arguments], capture_output=True, text=True, check=False)


def without(module, *arguments):
    """Run the command as if a module were not installed."""
    code = f"import sys; sys.modules[{module!r}] = None; from box_dialect.cli import main; main()"
    return run("-c", code, *arguments)


@pytest.mark.long
@pytest.mark.parametrize(
    ("module", "arguments", "name"),
    [
        ("click", ["--version"], "box-dialect"),
        ("rich", ["demo", "--load", "."], "Error"),
        ("uvicorn", ["demo"], "Error"),
        ("uvicorn", ["emulator", "--port", "0"], "Error"),
    ],
)
def test_a_missing_extra_is_one_line_that_says_what_to_install(module, arguments, name):
    result = without(module, *arguments)
    assert result.returncode == 1
    assert result.stdout == ""
    assert result.stderr == f"{name}: {module} is missing; run: pip install 'box-dialect[cli,emulator]'\n"


@pytest.mark.long
def test_a_command_whose_extra_is_there_works_without_the_others():
    result = without("uvicorn", "login", "--help")
    assert (result.returncode, result.stderr) == (0, "")
    assert "Sign in with the browser" in result.stdout


@pytest.mark.long
def test_the_help_names_what_is_not_installed():
    result = without("uvicorn", "--help")
    assert (result.returncode, result.stderr) == (0, "")
    assert re.search(r"emulator +Not installed: uvicorn is missing", result.stdout)
    assert re.search(r"login +Sign in with the browser", result.stdout)


@pytest.mark.long
def test_a_fault_of_the_package_itself_is_not_taken_for_a_missing_extra():
    result = without("box_dialect.cli.queries", "demo")
    assert result.returncode == 1
    assert "Traceback" in result.stderr


def test_the_version_is_the_packages():
    assert run("-m", "box_dialect.cli", "--version").stdout.startswith("box-dialect 0.")
