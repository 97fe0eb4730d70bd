"""How is something created once, however often its request comes? By its Idempotency-Key."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from fastapi import Response
from sqlalchemy.orm import Session

from api.context import Context, now
from domain.refusals import Why
from store.idempotency import Kept, earlier_answer, keep

KEY_REFUSALS = (Why.KEY_REQUIRED, Why.KEY_REUSED, Why.KEY_IN_USE)


def created_once(
    context: Context,
    storefront: str,
    route: str,
    key: str,
    document: Any,
    create: Callable[[Session, datetime], Kept],
) -> Response:
    """The answer of `create`, in one transaction with the key that keeps it; the same key and
    document again is answered as it first was. Raises Refusal: the key's, and those of `create`.
    """

    def work(session: Session) -> tuple[Kept, bool]:
        earlier = earlier_answer(session, storefront, route, key, document)
        if earlier:
            return earlier, True
        kept = create(session, now())
        keep(session, storefront, route, key, document, kept)
        return kept, False

    kept, replayed = context.database.run(work)
    return answered(kept, replayed=replayed)


def answered(kept: Kept, *, replayed: bool) -> Response:
    headers = {"Location": kept.location}
    if replayed:
        headers["Idempotency-Replayed"] = "true"
    return Response(kept.answer, kept.status, headers, "application/json")
