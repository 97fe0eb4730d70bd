"""The ground under the commands' tests: one real platform for all of them."""

from collections.abc import Iterator

import pytest

from tests.ops.programs import Running, running


@pytest.fixture(scope="package")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A platform without demo; tests keep to storefronts of their own."""
    with running(tmp_path_factory.mktemp("up") / "data", "--no-demo") as platform:
        yield platform
