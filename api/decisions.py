"""How does a person's word on a case come in? Approve, reject, cancel, resume."""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Body
from sqlalchemy.orm import Session

from api.answers import CaseAnswer, case_answer
from api.auth import ByCanceller, ByDecider, ByResumer
from api.context import Context, InContext, now
from api.ids import CaseId, case_named
from api.judgement import Route
from api.problems import refusals
from domain.messages import Approve, Cancel, Reject, Resume
from domain.people import Actor
from domain.refusals import Why
from store.case_records import record_of
from store.cases import cancel
from store.decisions import decide
from store.resumes import resume
from store.tables import Case

router = APIRouter(route_class=Route, prefix="/v1/cases/{case_id}", tags=["decisions"])

DECISION_REFUSALS = (
    Why.TOO_LARGE,
    Why.CARD_NUMBER,
    Why.CASE_NOT_FOUND,
    Why.ALREADY_DECIDED,
    Why.VERSION_CONFLICT,
    Why.OVER_LIMIT,
    Why.FOUR_EYES,
    Why.AMOUNT_TOO_HIGH,
    Why.AMOUNT_NOT_EXPRESSIBLE,
    Why.DECISION_ID_REUSED,
    Why.CASE_CLOSED,
)


@router.post("/approve", responses=refusals(*DECISION_REFUSALS))
def approve_case(
    case_id: CaseId,
    caller: ByDecider,
    context: InContext,
    word: Annotated[Approve, Body()] = Approve(),
) -> CaseAnswer:
    """Approve the case, for its amount or a lower one."""
    return _decide(case_id, word, caller, context)


@router.post("/reject", responses=refusals(*DECISION_REFUSALS))
def reject_case(case_id: CaseId, word: Reject, caller: ByDecider, context: InContext) -> CaseAnswer:
    """Reject the case: its units are free again."""
    return _decide(case_id, word, caller, context)


@router.post(
    "/cancel",
    responses=refusals(
        Why.TOO_LARGE, Why.CARD_NUMBER, Why.CASE_NOT_FOUND, Why.TOO_LATE, Why.CASE_CLOSED
    ),
)
def cancel_case(
    case_id: CaseId,
    caller: ByCanceller,
    context: InContext,
    word: Annotated[Cancel, Body()] = Cancel(),
) -> CaseAnswer:
    """Take the request back, as long as nobody has decided. Of a cancelled case: 200 again."""
    named = case_named(case_id)
    return answered(lambda session, at: cancel(session, named, word, caller, at), caller, context)


@router.post(
    "/resume",
    responses=refusals(
        Why.TOO_LARGE,
        Why.CARD_NUMBER,
        Why.CASE_NOT_FOUND,
        Why.NOT_PARKED,
        Why.PAYOUT_IN_DOUBT,
        Why.NOT_AWAITED,
        Why.FOUR_EYES,
        Why.PAYOUT_NOT_POSSIBLE,
        Why.AMOUNT_NOT_EXPRESSIBLE,
        Why.RESUME_ID_REUSED,
    ),
)
def resume_case(
    case_id: CaseId, order: Resume, caller: ByResumer, context: InContext
) -> CaseAnswer:
    """Get a parked case going: retry, settle by hand, pay another way, accept what others took of
    its charge, or give up."""
    named = case_named(case_id)
    return answered(
        lambda session, at: resume(session, named, order, caller, context.policy, at),
        caller,
        context,
    )


def _decide(case_id: str, word: Approve | Reject, caller: Actor, context: Context) -> CaseAnswer:
    named = case_named(case_id)
    return answered(
        lambda session, at: decide(session, named, word, caller, context.policy, at),
        caller,
        context,
    )


def answered(
    act: Callable[[Session, datetime], Case], caller: Actor, context: Context
) -> CaseAnswer:
    """One transaction around `act`, and the case as it stands at its end."""

    def work(session: Session) -> CaseAnswer:
        at = now()
        case = act(session, at)
        session.flush()
        return case_answer(record_of(session, case), caller, context.settings, at)

    return context.database.run(work)
