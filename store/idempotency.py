"""Has this request been accepted before? The first 2xx answer to a key, given again."""

import hashlib
import json
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from domain.refusals import Refusal, Why
from store.tables import IdempotencyKey


@dataclass(frozen=True)
class Kept:
    """An answer as it was first given; `answer` is its JSON text. `case_id` is what it opened, if
    that is a case.
    """

    status: int
    location: str
    answer: str
    case_id: UUID | None = field(default=None, compare=False)


def earlier_answer(
    session: Session, storefront: str, route: str, key: str, body: Any
) -> Kept | None:
    """The answer already given to this key, None if it is new.

    Holds the key until the transaction ends: a second request with it meanwhile meets
    Refusal(idempotency-key-in-use); one with another body Refusal(idempotency-key-reused).
    """
    name = hashlib.sha256("\n".join((storefront, route, key)).encode()).digest()
    lock = int.from_bytes(name[:8], signed=True)
    if not session.scalar(select(func.pg_try_advisory_xact_lock(lock))):
        raise Refusal(Why.KEY_IN_USE)
    row = session.get(IdempotencyKey, (storefront, route, key))
    if row is None:
        return None
    if row.fingerprint != fingerprint(body):
        raise Refusal(Why.KEY_REUSED)
    return Kept(row.status, row.location, row.answer)


def keep(session: Session, storefront: str, route: str, key: str, body: Any, kept: Kept) -> None:
    """Remember the answer, in the transaction that makes it true."""
    session.add(
        IdempotencyKey(
            storefront=storefront,
            route=route,
            key=key,
            fingerprint=fingerprint(body),
            status=kept.status,
            location=kept.location,
            answer=kept.answer,
            case_id=kept.case_id,
        )
    )


def fingerprint(body: Any) -> bytes:
    """The same for every spelling of the same JSON: order of names and white space do not count."""
    return hashlib.sha256(json.dumps(body, sort_keys=True, ensure_ascii=True).encode()).digest()
