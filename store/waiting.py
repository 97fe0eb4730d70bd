"""Who waits for an article? Cases whose replacement was out of stock, when some comes in."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.cases import Stage
from domain.effects import Action, EffectState
from store import effects, events, holds
from store.tables import Case, CaseReplacement


def wake(session: Session, storefront: str, sku: str, now: datetime) -> None:
    """Have it tried again for every case that waits for the article, the longest waiting first.

    A try that is under way may have come too early, so only one that has not begun is enough.
    """
    wanting = select(CaseReplacement.case_id).where(
        CaseReplacement.storefront == storefront, CaseReplacement.sku == sku
    )
    waiting = (
        select(Case.case_id)
        .where(Case.case_id.in_(wanting), Case.stage == Stage.AWAITING_STOCK)
        .order_by(Case.opened_at, Case.case_id)
    )
    for case_id in session.scalars(waiting).all():
        case = events.lock(session, case_id)
        tries = effects.of_case(session, case_id, Action.HOLD)
        planned = any(hold.state == EffectState.PLANNED for hold in tries)
        if case.stage == Stage.AWAITING_STOCK and not planned:
            holds.ask_for(session, case, now)
            events.tell(session, case, events.NEWS)
