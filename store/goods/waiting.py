"""Who waits for an article? Cases whose replacement was out of stock, when some comes in."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.cases import Stage
from domain.effects import EffectAction, EffectState
from store import events
from store.goods import effects, holds
from store.goods.stock_moves import IN_ORDER
from store.tables import Case, CaseReplacement, Stock

Article = tuple[str, str]
"""A SKU and the condition of its pieces."""


def wake(session: Session, storefront: str, skus: Collection[str], now: datetime) -> None:
    """Have it tried again for every case that waits for one of these articles and could have all
    that it wants by now, the longest waiting first.

    One that lacks another article would only take this one and let it go again, and so wake itself
    and others for ever. A try that is under way may have come too early, so only one that has not
    begun is enough.
    """
    wanting = select(CaseReplacement.case_id).where(
        CaseReplacement.storefront == storefront, CaseReplacement.sku.in_(skus)
    )
    waiting = (
        select(Case.case_id)
        .where(Case.case_id.in_(wanting), Case.stage == Stage.AWAITING_STOCK)
        .order_by(Case.opened_at, Case.case_id)
    )
    case_ids = session.scalars(waiting).all()
    wanted = _wanted_by(session, case_ids)
    free = _free(session, storefront, {sku for pieces in wanted.values() for (sku, _), _ in pieces})
    for case_id in case_ids:
        if not _suffices(free, wanted[case_id]):
            continue
        case = events.lock(session, case_id)
        tries = effects.of_case(session, case_id, EffectAction.HOLD_STOCK)
        planned = any(hold.state == EffectState.PLANNED for hold in tries)
        if case.stage == Stage.AWAITING_STOCK and not planned:
            holds.ask_for(session, case, now)
            events.tell(session, case, events.NEWS)


def _wanted_by(
    session: Session, case_ids: Collection[UUID]
) -> defaultdict[UUID, list[tuple[Article, int]]]:
    """What each line of a case wants and how many pieces of it, in the order of holds."""
    wanted: defaultdict[UUID, list[tuple[Article, int]]] = defaultdict(list)
    of_cases = select(CaseReplacement).where(CaseReplacement.case_id.in_(case_ids))
    for row in session.scalars(of_cases.order_by(CaseReplacement.line)):
        wanted[row.case_id].append(((row.sku, row.condition), row.quantity))
    return wanted


def _free(
    session: Session, storefront: str, skus: Collection[str]
) -> defaultdict[Article, list[int]]:
    """How many pieces nobody holds, by warehouse in the order they are asked."""
    free: defaultdict[Article, list[int]] = defaultdict(list)
    of_skus = select(Stock.sku, Stock.condition, Stock.on_hand - Stock.held).where(
        Stock.storefront == storefront, Stock.sku.in_(skus)
    )
    for sku, condition, pieces in session.execute(of_skus.order_by(*IN_ORDER)):
        free[sku, condition].append(pieces)
    return free


def _suffices(free: Mapping[Article, Sequence[int]], wanted: Sequence[tuple[Article, int]]) -> bool:
    """True if every line could be held, each in the first warehouse that has all of it."""
    left = {article: list(free[article]) for article, _ in wanted}
    for article, pieces in wanted:
        place = next((n for n, there in enumerate(left[article]) if there >= pieces), None)
        if place is None:
            return False
        left[article][place] -= pieces
    return True
