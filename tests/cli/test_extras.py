import subprocess
import sys

import pytest


def run(*arguments):
    return subprocess.run([sys.executable, *arguments], capture_output=True, text=True, check=False)


@pytest.mark.parametrize("module", ["click", "rich", "uvicorn"])
def test_a_missing_extra_is_one_line_that_says_what_to_install(module):
    code = f"import sys; sys.modules[{module!r}] = None; from box_dialect.cli import main; main()"
    result = run("-c", code, "--version")
    assert result.returncode == 1
    assert result.stdout == ""
    assert result.stderr == f"box-dialect: {module} is missing; run: pip install 'box-dialect[cli,emulator]'\n"


def test_a_fault_of_the_package_itself_is_not_taken_for_a_missing_extra():
    code = "import sys; sys.modules['box_dialect.cli.queries'] = None; from box_dialect.cli import main; main()"
    result = run("-c", code, "--version")
    assert result.returncode == 1
    assert "Traceback" in result.stderr


def test_the_version_is_the_packages():
    assert run("-m", "box_dialect.cli", "--version").stdout.startswith("box-dialect 0.")
