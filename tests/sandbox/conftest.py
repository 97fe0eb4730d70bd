"""A sandbox of its own for every test: they kill it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.sandbox.receiver import Shop, receiving
from tests.sandbox_process import Sandbox, running_sandbox


@pytest.fixture
def sandbox(tmp_path: Path) -> Iterator[Sandbox]:
    with running_sandbox(tmp_path / "book") as sandbox:
        yield sandbox


@pytest.fixture
def shop() -> Iterator[Shop]:
    with receiving() as shop:
        yield shop
