"""An auditor says no when the goods are here: they go back, and then the case is rejected."""

from datetime import datetime

from sqlalchemy.orm import Session

from domain.cases import Outcome, Stage
from domain.effects import EffectAction, EffectState
from domain.people import Actor
from domain.policy import Policy
from domain.refusals import Refusal, Why
from store import units
from store.cases import close
from store.goods import bills, dispositions, effects, exchanges, holds, parcels, tracking
from store.tables import Case, Decision


def refuse(
    session: Session, case: Case, decision: Decision, actor: Actor, policy: Policy, now: datetime
) -> None:
    """What the shop has of a case that `decision` rejects goes back to its buyer as it came, off
    the shelf where it was put on one. The case ends once they have it (see
    `dispositions.delivered`), or have what replaces it if that has left before, or here if nothing
    is to be sent.

    Raises Refusal(already-decided): the rest went back before, and what was accepted is kept.
    """
    said = {"detail": str(decision.reason), "message_id": decision.decision_id}
    waits = False
    if not _sent(session, case):
        _keep_nothing(session, case, now)
        waits = dispositions.to_send_back(session, case)
        if waits:
            first = (
                EffectAction.HOLD_STOCK if _on_shelf(session, case) else EffectAction.SEND_PARCEL
            )
            effects.plan(session, case, first, now)
    elif exchanges.gone(session, case):
        waits = dispositions.on_its_way(session, case)
    elif dispositions.keeps(session, case) and not parcels.lost(session, case):
        raise Refusal(Why.ALREADY_DECIDED, "the rest of its goods went back: say what they get")
    if waits:
        dispositions.wait_for_delivery(session, case, "rejected", actor, policy, now, **said)
        tracking.look(session, case, policy, now)
        return
    stage, outcome = Stage.REJECTED, Outcome.REJECTED
    close(session, case, stage, outcome, "rejected", actor, now, **said)


def _sent(session: Session, case: Case) -> bool:
    sent = effects.of_case(session, case.case_id, EffectAction.SEND_PARCEL)
    return any(effect.state != EffectState.CANCELLED for effect in sent)


def _keep_nothing(session: Session, case: Case, now: datetime) -> None:
    case.remedy = None
    for claim, _ in units.owned_by(session, case.case_id):
        claim.kept = False
    dispositions.appraise(session, case, "not agreed to")
    holds.let_go(session, case, now)
    bills.give_back(session, case, now)


def _on_shelf(session: Session, case: Case) -> bool:
    """True if accepted units were put on a shelf, or are right now. Otherwise they stay off it."""
    puts = effects.of_case(session, case.case_id, EffectAction.RESTOCK)
    for put in puts:
        effects.withdraw(put, "not_agreed_to")
    return any(put.state != EffectState.CANCELLED for put in puts)
