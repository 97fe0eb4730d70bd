"""How a payout changes its state: each way there is, with its books and its event."""

from datetime import datetime

from sqlalchemy import update
from sqlalchemy.orm import Session

from domain.cases import IN_FLIGHT, Attention, PayoutState, Stage
from domain.payouts import ASK_AFTER_SECONDS, ask_after, found_unused, poll_after
from domain.people import GATEWAY, SYSTEM
from domain.policy import Policy
from store import events
from store.calls import Answer
from store.cases import reopen, settle_claims
from store.goods import bills
from store.ledger import post
from store.reconciling import plan
from store.tables import Case, Payout, PayoutAttempt


def pay(session: Session, case: Case, payout: Payout, reference: str | None, now: datetime) -> None:
    """Confirm, by compare-and-set: whoever comes second changes nothing."""
    confirmed = session.execute(
        update(Payout)
        .where(
            Payout.payout_id == payout.payout_id,
            Payout.attempt == payout.attempt,
            Payout.state.in_((PayoutState.RESERVED, *IN_FLIGHT)),
        )
        .values(state=PayoutState.PAID, reference=reference, code="", settled_at=now)
        .returning(Payout.payout_id)
    ).one_or_none()
    if confirmed is None:
        return
    session.refresh(payout)
    plan(payout, now)
    _close_attempt(session, payout, "succeeded", "")
    post(session, payout, "settle", now)
    case.paid += payout.amount
    events.record(session, case, "payout_paid", GATEWAY, now, detail=_named(payout))


def fail(session: Session, case: Case, payout: Payout, code: str, now: datetime) -> None:
    """A definite failure: the reservation is given back, and only a person may try again."""
    payout.state, payout.code = PayoutState.FAILED, code
    _close_attempt(session, payout, "failed", code)
    post(session, payout, "void", now)
    events.record(session, case, "payout_failed", GATEWAY, now, detail=f"{_named(payout)} {code}")


def withhold(session: Session, case: Case, payout: Payout, why: str, now: datetime) -> None:
    """Nothing is sent from a charge that is not as our books have it. Why, its staff may know: the
    event does not tell, for the storefront reads it.
    """
    payout.state, payout.code, payout.unknown_since = PayoutState.FAILED, why, None
    _close_attempt(session, payout, "failed", why)
    post(session, payout, "void", now)
    events.record(session, case, "payout_withheld", SYSTEM, now, detail=_named(payout))


def unread(
    session: Session, payout: Payout, code: str, retry_after: float | None, now: datetime
) -> float:
    """The gateway did not show the charge, so nothing was sent. The seconds until it is asked
    again.
    """
    payout.code, payout.unknown_since = code, payout.unknown_since or now
    payout.asked += 1
    wait = ask_after(payout.asked - 1)
    return max(wait, min(retry_after or 0, ASK_AFTER_SECONDS[-1]))


def reverse(
    session: Session, case: Case, payout: Payout, code: str, policy: Policy, now: datetime
) -> None:
    """The gateway took a success back: so do the books, and a person decides what follows."""
    payout.state, payout.code, payout.ask_again_at = PayoutState.REVERSED, code, None
    post(session, payout, "reverse", now)
    stage = Stage(case.stage)
    if stage.terminal:
        reopen(session, case)
    case.paid -= payout.amount
    bills.cancel(session, case, now)  # a buyer who was charged for it does not have it any more
    closed = stage.terminal and stage is not Stage.COMPLETED
    if closed:
        settle_claims(session, case, stage, now)
    events.record(
        session,
        case,
        "payout_reversed",
        GATEWAY,
        now,
        to=None if closed else Stage.NEEDS_ATTENTION,
        attention=None if closed else Attention.PAYOUT_REVERSED,
        deadlines=policy.deadlines,
        detail=f"{_named(payout)} {code}",
    )


def wait_for_gateway(
    session: Session, case: Case, payout: Payout, answer: Answer, now: datetime
) -> float:
    """The gateway is still at it. The seconds until it is asked."""
    if payout.state != PayoutState.PENDING:
        payout.state, payout.asked, payout.unknown_since = PayoutState.PENDING, 0, None
        events.record(session, case, "payout_pending", GATEWAY, now, detail=_named(payout))
    payout.reference, payout.code = answer.reference or payout.reference, answer.code
    payout.asked += 1
    return poll_after(payout.asked - 1, at_bank=payout.way == "bank_card")


def doubt(
    session: Session,
    case: Case,
    payout: Payout,
    answer: Answer,
    asked_at: datetime,
    now: datetime,
) -> float:
    """The gateway has not said what became of it. The seconds until it is asked (again)."""
    if payout.state in (PayoutState.SENDING, PayoutState.UNKNOWN):
        if payout.state == PayoutState.SENDING:
            payout.state, payout.asked, payout.unknown_since = PayoutState.UNKNOWN, 0, now
            events.record(
                session,
                case,
                "payout_unknown",
                GATEWAY,
                now,
                detail=f"{_named(payout)} {answer.code}",
            )
        payout.code = answer.code
        payout.reference = payout.reference or answer.reference  # to be looked at, not believed
        attempt = session.get_one(PayoutAttempt, (payout.payout_id, payout.attempt))
        if answer.refused:
            attempt.refusal = answer.code
        if found_unused(
            word=answer.code,
            asked_at=asked_at,
            sent_at=attempt.sent_at,
            known_unused=attempt.found_unused_at or payout.unknown_since,
        ):
            attempt.found_unused_at = now  # so it may be sent again
    wait = ask_after(payout.asked)
    payout.asked += 1
    return max(wait, min(answer.retry_after or 0, ASK_AFTER_SECONDS[-1]))


def _close_attempt(session: Session, payout: Payout, state: str, code: str) -> None:
    attempt = session.get_one(PayoutAttempt, (payout.payout_id, payout.attempt))
    attempt.state, attempt.code = state, code


def _named(payout: Payout) -> str:
    return f"{payout.payout_id} {payout.amount} {payout.currency}"
