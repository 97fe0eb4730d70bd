"""Would the image hold a working program? No engine runs here: its steps are tried one by one."""

import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from tracked import ROOT, tracked_files

DOCKERFILE = ROOT / "Dockerfile"


def sent_to_the_builder() -> list[str]:
    """The tracked files that .dockerignore lets through."""
    lines = (ROOT / ".dockerignore").read_text().splitlines()
    kept = {line.removeprefix("!") for line in lines if line.startswith("!")}
    return [name for name in tracked_files() if name.partition("/")[0] in kept]


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """The files that the image's `pip install .` would put in place."""
    source = tmp_path_factory.mktemp("context")
    for name in sent_to_the_builder():
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, source / name)
    pip = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation"]
    subprocess.run([*pip, "--wheel-dir", source / "out", source], check=True)
    (wheel,) = (source / "out").glob("*.whl")
    return set(zipfile.ZipFile(wheel).namelist())


def test_the_dockerfile_raises_no_objection_from_hadolint() -> None:
    program = Path(sys.executable).with_name("hadolint")
    subprocess.run([program, DOCKERFILE], check=True)


def test_the_builder_is_sent_all_that_the_program_consists_of(installed: set[str]) -> None:
    sent = set(sent_to_the_builder()) - {
        "pyproject.toml",
        "requirements.txt",
        "requirements-carriers.txt",
        "requirements-advice.txt",
    }
    assert "worker.py" in sent
    assert sent - installed == set()


def test_the_builder_is_sent_nothing_secret_or_local() -> None:
    first, *rest = (ROOT / ".dockerignore").read_text().splitlines()[1:]
    assert first == "*"
    assert [line for line in rest if line.startswith(("!.", "!tests", "!bench"))] == []


def test_the_program_runs_as_nobody_in_particular() -> None:
    users = re.findall(r"^USER (\S+)", DOCKERFILE.read_text(), re.MULTILINE)
    assert [int(user) for user in users] == [10001]
