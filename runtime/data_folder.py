"""What does a platform on one machine keep in its data folder, and who holds the folder?"""

import fcntl
import json
import os
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from runtime.children import NotStarted
from runtime.ports import becomes_free, free_port

GATEWAYS = "gateways.json"


class DataFolder:
    """The folder of one platform: lock, secret, ports, logs and the servers' own data.

    Opening it takes its lock until `close` or the process's death. Raises `NotStarted` if
    it cannot be used or another process holds it.
    """

    def __init__(self, path: Path) -> None:
        self.path = path.resolve()
        try:
            self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._lock = os.open(self.path / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise NotStarted(f"the data folder {self.path} cannot be used: {error}") from error
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(self._lock)
            raise NotStarted(f"another `aftersales up` already runs on {self.path}") from None

    def close(self) -> None:
        """Lets the next `up` have the folder."""
        os.close(self._lock)

    def log(self, name: str) -> Path:
        """Where a child writes what it has to say."""
        return self.path / "logs" / f"{name}.log"

    def webhook_secret(self) -> str:
        """The secret between this folder's gateway stand-in and its platform."""
        path = self.path / "webhook-secret"
        if not path.exists():
            write_private(path, f"whsec_{secrets.token_hex(24)}")
        return path.read_text()

    def remember_gateways(self, bases: Mapping[str, str | None]) -> None:
        """By party, where this folder's platform sends money and goods, for commands typed in a
        terminal that was not told: addresses alone, no key. None: where no command can look.
        """
        write_private(self.path / GATEWAYS, json.dumps(bases))

    def ports(self, wanted: Mapping[str, int]) -> dict[str, int]:
        """A port for each name, and remembers them: 0 means the one of last time, if still free.

        Raises `NotStarted` if a port asked for by number is taken, or asked for twice.
        """
        path = self.path / "ports.json"
        former = read_json(path)
        chosen: dict[str, int] = {}
        for name, port in wanted.items():
            last = former.get(name)
            spoken_for = {*wanted.values(), *chosen.values()}
            if port:
                if port in chosen.values():
                    raise NotStarted(f"port {port} is asked for twice, again for {name}")
                if not becomes_free(port):
                    raise NotStarted(f"port {port} for {name} is taken; 0 would take a free one")
                chosen[name] = port
            elif isinstance(last, int) and last not in spoken_for and becomes_free(last):
                chosen[name] = last
            else:
                chosen[name] = free_port(besides=spoken_for)
        write_private(path, json.dumps(chosen))
        return chosen


def gateways(path: Path) -> dict[str, Any]:
    """What `remember_gateways` wrote into a folder last."""
    return read_json(path / GATEWAYS)


def read_json(path: Path) -> dict[str, Any]:
    """A file's JSON object; an absent, half-written or foreign file is an empty one."""
    try:
        content = json.loads(path.read_text())
    except (OSError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}


def write_private(path: Path, text: str) -> None:
    """Writes a file for its owner's eyes so that readers see all of it or what was before."""
    unfinished = path.with_name(f".{path.name}.new")
    unfinished.unlink(missing_ok=True)
    with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    unfinished.replace(path)
