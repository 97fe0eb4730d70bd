"""The file of revocations: kept beside the database, so that a backup does not bring tokens back.

One JSON object a line, `{"name", "revoked_at"}`, only ever appended to.
"""

import json
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from ops.failures import Failed
from ops.target import Target
from runtime.settings import settings
from store import tokens
from store.session import Database

FILE = "revocations.jsonl"


def file_of(target: Target) -> Path | None:
    """AFTERSALES_REVOCATIONS, else the one in the data folder; None where there is neither."""
    told = settings().revocations
    return told or (target.folder / FILE if target.folder else None)


def append(path: Path, name: str, at: datetime) -> None:
    """Write down that a token was revoked; on disk when this returns."""
    line = json.dumps({"name": name, "revoked_at": at.astimezone(UTC).isoformat()})
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    with os.fdopen(handle, "ab") as file:
        file.write(line.encode() + b"\n")
        file.flush()
        os.fsync(file.fileno())


def apply(database: Database, path: Path | None) -> list[str]:
    """Revoke again what the file says; the names of those that were valid. Raises Failed where a
    line cannot be read: which token it is about is not known then.
    """
    if path is None or not path.exists():
        return []
    told = list(_read(path))
    return database.run(lambda session: tokens.revoke_again(session, told))


def _read(path: Path) -> Iterator[tuple[str, datetime]]:
    whole, _, torn = path.read_text(encoding="utf-8").rpartition("\n")
    for number, line in enumerate(filter(None, [*whole.splitlines(), torn]), start=1):
        try:
            row = json.loads(line)
            yield str(row["name"]), datetime.fromisoformat(row["revoked_at"])
        except (ValueError, LookupError, TypeError):
            raise Failed(f"{path} cannot be read from line {number} on") from None
