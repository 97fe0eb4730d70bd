"""Does the tree install the same everywhere, and say nothing about where it was written?"""

import re

import pytest
from tracked import ROOT, tracked_files

FILES = [
    "requirements.txt",
    "requirements-carriers.txt",
    "requirements-advice.txt",
    "requirements-dev.txt",
]

# Spelt in parts: this file is a part of the tree.
MACHINE_PATHS = [f"/{name}/" for name in ("work", "root", "farm", "opt/wheels", "opt/pypi")]
REGISTRY_HOSTS = [
    ".".join(parts)
    for parts in (
        ("pypi", "org"),
        ("pythonhosted", "org"),
        ("npmjs", "org"),
        ("yarnpkg", "com"),
        ("docker", "io"),
        ("ghcr", "io"),
        ("deb", "debian", "org"),
    )
]


def requirements(name: str) -> dict[str, list[str]]:
    """Each requirement of a file, with its hashes."""
    text = (ROOT / name).read_text().replace("\\\n", " ")
    lines = [line for line in text.splitlines() if not line.lstrip().startswith("#")]
    return {line.split(" --hash")[0].strip(): line.split(" --hash=")[1:] for line in lines}


@pytest.mark.parametrize("name", FILES)
def test_every_requirement_is_one_version_with_its_hashes(name: str) -> None:
    for requirement, hashes in requirements(name).items():
        assert re.fullmatch(r"[a-z0-9.-]+==[\w.]+( ; .+)?", requirement), requirement
        assert hashes, requirement
        assert all(re.fullmatch(r"sha256:[0-9a-f]{64} *", value) for value in hashes), requirement


@pytest.mark.parametrize("name", FILES)
def test_requirements_come_from_wherever_the_installing_machine_says(name: str) -> None:
    assert not re.search(r"://|index-url|find-links|trusted-host", (ROOT / name).read_text())


def test_what_is_tested_is_what_runs() -> None:
    runs, carries, advises, tested = (requirements(name).items() for name in FILES)
    assert runs <= carries <= tested
    assert runs <= advises <= tested


@pytest.mark.parametrize("trace", MACHINE_PATHS + REGISTRY_HOSTS)
def test_the_tree_names_neither_a_machine_nor_a_registry(trace: str) -> None:
    naming = [name for name in tracked_files() if trace.encode() in (ROOT / name).read_bytes()]
    assert naming == []
