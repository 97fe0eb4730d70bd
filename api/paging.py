"""How does a reader go through a long list? By opaque cursors that name the last item shown."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from struct import Struct
from typing import Annotated
from uuid import UUID

from fastapi import Query

from domain.refusals import Refusal, Why
from store.listing import Position

Limit = Annotated[int, Query(ge=1, le=200, description="How many items to answer.")]
Cursor = Annotated[str | None, Query(description="`next` of the page before.")]

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
LAYOUT = Struct(">q16s")
CHECK_BYTES = 6


def cursor_of(position: Position | None) -> str | None:
    """The cursor from which the list goes on after this position."""
    if position is None:
        return None
    content = LAYOUT.pack((position.opened_at - EPOCH) // MICROSECOND, position.case_id.bytes)
    return urlsafe_b64encode(content + _check(content)).decode()


def position_of(cursor: str | None) -> Position | None:
    """The position that a cursor of ours names. Raises Refusal(bad-cursor)."""
    if cursor is None:
        return None
    try:
        whole = urlsafe_b64decode(cursor)
        content = whole[: LAYOUT.size]
        if content + _check(content) != whole or urlsafe_b64encode(whole).decode() != cursor:
            raise Refusal(Why.BAD_CURSOR)
        at, case_id = LAYOUT.unpack(content)
    except (ValueError, OverflowError):
        raise Refusal(Why.BAD_CURSOR) from None
    return Position(EPOCH + at * MICROSECOND, UUID(bytes=case_id))


def _check(content: bytes) -> bytes:
    """Shows that a cursor was changed. No secret: what a reader may see is judged apart from it."""
    return blake2b(content, digest_size=CHECK_BYTES).digest()
