"""How is a unit repaired over HTTP? The technician's words, and the buyer's answers to them."""

from typing import Annotated

from fastapi import APIRouter, Body

from api.answers import CaseAnswer
from api.auth import ByBuyer, ByTechnician
from api.context import InContext
from api.decisions import answered
from api.ids import CaseId, case_named
from api.judgement import Route
from api.problems import refusals
from domain.goods_messages import Choice, Diagnosis, QuoteAnswer, Repaired
from domain.refusals import Why
from store.goods import repairs
from store.goods.diagnoses import diagnose
from store.goods.remedies import choose

router = APIRouter(route_class=Route, prefix="/v1/cases/{case_id}", tags=["repairs"])

ASKED = (Why.TOO_LARGE, Why.CASE_NOT_FOUND, Why.NOT_AWAITED)
QUOTE_REFUSALS = (*ASKED, Why.ALREADY_ANSWERED, Why.VERSION_CONFLICT)


@router.post(
    "/diagnosis",
    responses=refusals(
        *ASKED,
        Why.CARD_NUMBER,
        Why.UNKNOWN_LINE,
        Why.UNKNOWN_SERIAL,
        Why.SERIAL_IN_USE,
        Why.NOT_COVERED,
        Why.AMOUNT_NOT_EXPRESSIBLE,
        Why.DIAGNOSIS_ID_REUSED,
    ),
)
def diagnose_unit(
    case_id: CaseId, found: Diagnosis, caller: ByTechnician, context: InContext
) -> CaseAnswer:
    """What is wrong with the unit. What is covered is repaired, what is not is quoted."""
    named = case_named(case_id)
    return answered(
        lambda s, at: diagnose(s, named, found, caller, context.policy, at), caller, context
    )


@router.post("/quote/accept", responses=refusals(*QUOTE_REFUSALS))
def accept_quote(
    case_id: CaseId,
    caller: ByBuyer,
    context: InContext,
    word: Annotated[QuoteAnswer, Body()] = QuoteAnswer(),
) -> CaseAnswer:
    """The buyer wants the repair at the price that was quoted."""
    named = case_named(case_id)
    return answered(
        lambda s, at: repairs.answer_quote(s, named, True, word, caller, context.policy, at),
        caller,
        context,
    )


@router.post("/quote/decline", responses=refusals(*QUOTE_REFUSALS))
def decline_quote(
    case_id: CaseId,
    caller: ByBuyer,
    context: InContext,
    word: Annotated[QuoteAnswer, Body()] = QuoteAnswer(),
) -> CaseAnswer:
    """The buyer wants the unit back as it is."""
    named = case_named(case_id)
    return answered(
        lambda s, at: repairs.answer_quote(s, named, False, word, caller, context.policy, at),
        caller,
        context,
    )


@router.post("/choice", responses=refusals(*ASKED, Why.ALREADY_ANSWERED))
def choose_remedy(
    case_id: CaseId, choice: Choice, caller: ByBuyer, context: InContext
) -> CaseAnswer:
    """What the buyer gets for a unit that cannot be repaired, or has failed three times."""
    named = case_named(case_id)
    return answered(
        lambda s, at: choose(s, named, choice, caller, context.policy, at), caller, context
    )


@router.post(
    "/repaired",
    responses=refusals(
        *ASKED, Why.CARD_NUMBER, Why.WRONG_SERIAL, Why.SERIAL_IN_USE, Why.ALREADY_REPAIRED
    ),
)
def finish_repair(
    case_id: CaseId, word: Repaired, caller: ByTechnician, context: InContext
) -> CaseAnswer:
    """The unit is repaired and goes back to the buyer."""
    named = case_named(case_id)
    return answered(
        lambda s, at: repairs.repaired(s, named, word, caller, context.policy, at),
        caller,
        context,
    )
