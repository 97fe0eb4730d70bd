from collections.abc import Iterator

import pytest

from tests.e2e.live import Live, live


@pytest.fixture(scope="package")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    """One platform for all tests that leave it standing; orders are a test's own."""
    with live(tmp_path_factory.mktemp("platform")) as running:
        yield running
