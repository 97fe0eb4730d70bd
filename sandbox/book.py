"""What really happened at the outside party? Its own append-only book.

One JSON object a line; an entry holds everything that one request or one passing of time changed,
so a line torn by a crash is all or nothing. Memory is only the book read once from the top: the
same `_apply` serves the start and every later entry.
"""

import asyncio
import fcntl
import json
import os
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

Row = dict[str, Any]


class BookInUse(Exception):
    """Another process holds this book open."""


@dataclass(frozen=True)
class Answer:
    """The first answer under an idempotency key, as it is replayed."""

    path: str
    params: str  # digest of what was asked, to tell a repetition from a reuse
    status: int
    body: str


class Book:
    """Rows of every kind by id, saved answers, and events not yet delivered.

    A row's `then` is what time will make of it: `{"status", "at"}` (epoch seconds), else null.
    """

    def __init__(self, path: Path) -> None:
        self.charges: dict[str, Row] = {}
        self.refunds: dict[str, Row] = {}
        self.transfers: dict[str, Row] = {}
        self.disputes: dict[str, Row] = {}
        self.checkouts: dict[str, Row] = {}
        self.shipments: dict[str, Row] = {}
        self.work_orders: dict[str, Row] = {}
        self.kept = {
            "charge": self.charges,
            "refund": self.refunds,
            "transfer": self.transfers,
            "dispute": self.disputes,
            "checkout": self.checkouts,
            "shipment": self.shipments,
            "work_order": self.work_orders,
        }
        self.refunds_of: dict[str, list[str]] = defaultdict(list)
        self.disputes_of: dict[str, list[str]] = defaultdict(list)
        self.transfers_for: dict[str, list[str]] = defaultdict(list)
        self.transfers_under: dict[str, list[str]] = defaultdict(list)
        self.answers: dict[tuple[str, str], Answer] = {}
        self.undelivered: dict[str, Row] = {}
        self._unwritten: list[bytes] = []
        self._recorded = self._durable = 0
        self._writing = asyncio.Lock()
        self._writer = ThreadPoolExecutor(1, "book")
        self._file, self._size = self._open(path)

    def record(self, entry: Row) -> None:
        """Take an entry into the book. It may be told to nobody before `durable` returns."""
        self._apply(entry)
        self._unwritten.append(json.dumps(entry, separators=(",", ":")).encode() + b"\n")
        self._recorded += 1

    async def durable(self) -> None:
        """Return once everything recorded so far is on disk; those who wait share one fsync."""
        mine = self._recorded
        async with self._writing:
            if self._durable >= mine:
                return
            lines, upto = list(self._unwritten), self._recorded
            loop = asyncio.get_running_loop()
            await loop.run_in_executor(self._writer, self._write, b"".join(lines))
            del self._unwritten[: len(lines)]
            self._durable = upto

    def refunded(self, charge_id: str) -> int:
        """What was taken back from a charge: failed refunds give theirs back."""
        rows = (self.refunds[refund_id] for refund_id in self.refunds_of[charge_id])
        return sum(row["amount"] for row in rows if row["status"] != "failed")

    def scheduled(self) -> list[tuple[str, Row]]:
        """Rows that time will still change, with their kind."""
        return [
            (kind, row)
            for kind, rows in self.kept.items()
            for row in rows.values()
            if row.get("then")
        ]

    def published(self) -> dict[str, list[Row]]:
        """The book for readers: one row per thing that really exists, at its latest status."""

        def rows(kept: dict[str, Row]) -> list[Row]:
            return [{k: v for k, v in row.items() if k != "then"} for row in kept.values()]

        return {f"{kind}s": rows(kept) for kind, kept in self.kept.items()}

    def _apply(self, entry: Row) -> None:
        for kind, kept in self.kept.items():
            if row := entry.get(kind):
                if row["id"] not in kept:
                    self._index(kind, row)
                kept[row["id"]] = row
        if answer := entry.get("answer"):
            self.answers[answer["party"], answer["key"]] = Answer(**answer["saved"])
        for event in entry.get("events", ()):
            self.undelivered[event["id"]] = event
        self.undelivered.pop(entry.get("delivered", ""), None)

    def _index(self, kind: str, row: Row) -> None:
        if kind == "refund":
            self.refunds_of[row["charge"]].append(row["id"])
        if kind == "dispute":
            self.disputes_of[row["charge"]].append(row["id"])
        if kind == "transfer":
            self.transfers_for[row["metadata"].get("order_id", "")].append(row["id"])
            self.transfers_under[row["metadata"].get("key", "")].append(row["id"])

    def _open(self, path: Path) -> tuple[int, int]:
        path.parent.mkdir(parents=True, exist_ok=True)
        file = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as busy:
            raise BookInUse(path.name) from busy
        whole = path.read_bytes()
        # Only a crash in mid-write leaves a last line without its end; nobody was told of it.
        size = whole.rfind(b"\n") + 1
        os.ftruncate(file, size)
        for line in whole[:size].split(b"\n")[:-1]:
            self._apply(json.loads(line))
        os.fsync(file)
        folder = os.open(path.parent, os.O_RDONLY)
        os.fsync(folder)
        os.close(folder)
        return file, size

    def _write(self, lines: bytes) -> None:
        # At a tracked offset, so that a write that failed half way is written over, not after.
        written = 0
        while written < len(lines):
            written += os.pwrite(self._file, lines[written:], self._size + written)
        os.fsync(self._file)
        self._size += written


def saved(party: str, key: str, answer: Answer) -> Row:
    """The entry field that keeps an answer under its key."""
    return {"party": party, "key": key, "saved": asdict(answer)}
