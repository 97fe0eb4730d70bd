"""Platforms for these tests: real servers, with stand-ins for our own programs."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from platforms import Up


@pytest.fixture
def starts() -> Iterator[Callable[..., Up]]:
    """Starts platforms, and ends whatever a failed test left running."""
    started: list[Up] = []

    def start(data: Path, *how: str, port: int = 0) -> Up:
        started.append(Up(data, *how, port=port))
        return started[-1]

    yield start
    for up in started:
        up.close()


@pytest.fixture(scope="package")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Up]:
    """One platform for all tests, which may kill its children but not itself."""
    up = Up(tmp_path_factory.mktemp("platform")).ready()
    yield up
    up.close()
