"""The servers that the gateway clients are tested against: our sandbox, and one not ours."""

import fcntl
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateways.testimony import Instruction
from tests.gateways.servers import Server
from tests.sandbox_process import Sandbox, running_sandbox

MOCK = Path(__file__).parent / "mock"


@pytest.fixture(scope="session")
def session_sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    with running_sandbox(tmp_path_factory.mktemp("sandbox")) as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(session_sandbox: Sandbox) -> Iterator[Sandbox]:
    yield session_sandbox
    session_sandbox.clear_faults()


@pytest.fixture(scope="session", params=["sandbox", "mock"])
def server(request: pytest.FixtureRequest) -> Server:
    served: Server = request.getfixturevalue(f"{request.param}_server")
    return served


@pytest.fixture(scope="session")
def sandbox_server(session_sandbox: Sandbox) -> Server:
    def make_declined(instruction: Instruction) -> Instruction:
        session_sandbox.fault("decline", match={"order_id": instruction.order_id})
        return instruction

    return Server(session_sandbox.url, make_declined)


@pytest.fixture(scope="session")
def mock_server(pytestconfig: pytest.Config) -> Iterator[Server]:
    if not (shutil.which("node") and shutil.which("npm")):
        assert os.environ.get("CI") != "true", "CI has to bring Node for the gateway not our own"
        pytest.skip("no Node on this machine")
    modules = _installed_mock(pytestconfig.cache.mkdir("stripe-stateful-mock"))
    process = subprocess.Popen(
        ["node", str(MOCK / "serve.js")],
        env=os.environ | {"NODE_PATH": str(modules)},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert process.stdout is not None
    url = f"http://127.0.0.1:{process.stdout.readline().strip()}"

    def make_declined(instruction: Instruction) -> Instruction:
        return Server(url, make_declined).charged(source="tok_createDispute")

    try:
        yield Server(url, make_declined)
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def _installed_mock(cache: Path) -> Path:
    """The mock's node_modules, installed from our lock file once and kept."""
    with (cache / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        wanted = (MOCK / "package-lock.json").read_text()
        stamp = cache / "installed"
        if not stamp.exists() or stamp.read_text() != wanted:
            for name in ("package.json", "package-lock.json"):
                shutil.copy(MOCK / name, cache / name)
            command = ["npm", "ci", "--prefix", str(cache), "--no-audit", "--no-fund", "--silent"]
            subprocess.run(command, check=True, timeout=240)
            stamp.write_text(wanted)
    return cache / "node_modules"
