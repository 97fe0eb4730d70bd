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
from store.submissions.product_reviews import Rank, Sort

Limit = Annotated[int, Query(ge=1, le=200, description="How many items to answer.")]
Cursor = Annotated[str | None, Query(description="`next` of the page before.")]

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
CASE = Struct(">q16s")
RANK = Struct(">Bq16s")
EVENT = Struct(">I")
CHECK_BYTES = 6


def cursor_of(position: Position | None) -> str | None:
    """The cursor from which the list goes on after this position."""
    if position is None:
        return None
    at = (position.opened_at - EPOCH) // MICROSECOND
    return _sealed(CASE.pack(at, position.case_id.bytes))


def position_of(cursor: str | None) -> Position | None:
    """The position that a cursor of ours names. Raises Refusal(bad-cursor)."""
    if cursor is None:
        return None
    at, case_id = CASE.unpack(_opened(cursor, CASE.size))
    try:
        return Position(EPOCH + at * MICROSECOND, UUID(bytes=case_id))
    except OverflowError:
        raise Refusal(Why.BAD_CURSOR) from None


def cursor_of_rank(rank: Rank | None, sort: Sort) -> str | None:
    """The same for a list that may be sorted in several ways; it goes on in this one only."""
    if rank is None:
        return None
    return _sealed(RANK.pack(_number(sort), rank.value, rank.review_id.bytes))


def rank_of(cursor: str | None, sort: Sort) -> Rank | None:
    """The rank that a cursor of ours names. Raises Refusal(bad-cursor)."""
    if cursor is None:
        return None
    number, value, review_id = RANK.unpack(_opened(cursor, RANK.size))
    if number != _number(sort):
        raise Refusal(Why.BAD_CURSOR)
    return Rank(value, UUID(bytes=review_id))


def _number(sort: Sort) -> int:
    return list(Sort).index(sort)


def cursor_after(seq: int) -> str:
    """The cursor from which a case's events go on after this one."""
    return _sealed(EVENT.pack(seq))


def seq_of(cursor: str | None) -> int:
    """The event that a cursor of ours names, 0 for none. Raises Refusal(bad-cursor)."""
    if cursor is None:
        return 0
    (seq,) = EVENT.unpack(_opened(cursor, EVENT.size))
    return int(seq)


def _sealed(content: bytes) -> str:
    return urlsafe_b64encode(content + _check(content)).decode()


def _opened(cursor: str, size: int) -> bytes:
    """What is in a cursor, if that is of this size and nobody changed it."""
    try:
        whole = urlsafe_b64decode(cursor)
    except ValueError:
        raise Refusal(Why.BAD_CURSOR) from None
    content = whole[:-CHECK_BYTES]
    if len(content) != size or _sealed(content) != cursor:
        raise Refusal(Why.BAD_CURSOR)
    return content


def _check(content: bytes) -> bytes:
    """Shows that a cursor was changed. No secret: what a reader may see is judged apart from it."""
    return blake2b(content, digest_size=CHECK_BYTES).digest()
