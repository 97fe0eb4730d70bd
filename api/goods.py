"""How do goods come in, and what becomes of them? Parcels, the warehouse's count, offers."""

from typing import Annotated

from fastapi import APIRouter, Body

from api.answers import CaseAnswer
from api.auth import ByBuyer, ByDecider, ByHandler, ByInspector, ByParcelNamer, ByResumer
from api.context import InContext
from api.decisions import answered
from api.ids import CaseId, EffectId, case_named, effect_named
from api.judgement import Route
from api.problems import refusals
from domain.effect_messages import EffectStatement
from domain.goods_messages import ArrivalDecision, Inspection, Lost, Offer, Shipment
from domain.refusals import Why
from store.goods import arrivals, losses, offers
from store.goods.effect_resolutions import resolve
from store.goods.inspections import inspect
from store.goods.shipments import ship

router = APIRouter(route_class=Route, prefix="/v1/cases/{case_id}", tags=["goods"])

TEXT_REFUSALS = (Why.TOO_LARGE, Why.CARD_NUMBER, Why.CASE_NOT_FOUND, Why.NOT_AWAITED)


@router.post(
    "/shipment",
    responses=refusals(*TEXT_REFUSALS, Why.PARCEL_KNOWN, Why.PARCEL_UNDERWAY, Why.UNKNOWN_PARCEL),
)
def name_parcel(
    case_id: CaseId, parcel: Shipment, caller: ByParcelNamer, context: InContext
) -> CaseAnswer:
    """The buyer has sent the goods by themselves. A booked pickup is called off. With `corrects`, a
    parcel that was named wrongly is named anew, by a lead too, until its carrier has had it.
    """
    named = case_named(case_id)
    return answered(
        lambda s, at: ship(s, named, parcel, caller, context.policy, at), caller, context
    )


@router.post(
    "/effects/{effect_id}/resolve",
    responses=refusals(
        Why.TOO_LARGE, Why.CARD_NUMBER, Why.CASE_NOT_FOUND, Why.NOT_IN_DOUBT, Why.FOUR_EYES
    ),
)
def resolve_effect(
    case_id: CaseId,
    effect_id: EffectId,
    statement: EffectStatement,
    caller: ByResumer,
    context: InContext,
) -> CaseAnswer:
    """State what the books of a party show that does not answer: done under its `reference`, or
    never executed; or have it asked again. What is about a bill two people have to state.
    """
    named, effect = case_named(case_id), effect_named(effect_id)
    return answered(
        lambda s, at: resolve(s, named, effect, statement, caller, context.policy, at),
        caller,
        context,
    )


@router.post(
    "/inspection",
    responses=refusals(
        *TEXT_REFUSALS,
        Why.ALREADY_INSPECTED,
        Why.INSPECTION_ID_REUSED,
        Why.LINE_REPEATED,
        Why.UNKNOWN_LINE,
        Why.UNITS_NOT_AVAILABLE,
        Why.UNKNOWN_UPLOAD,
        Why.UNKNOWN_SERIAL,
        Why.SERIAL_IN_USE,
    ),
)
def inspect_goods(
    case_id: CaseId, found: Inspection, caller: ByInspector, context: InContext
) -> CaseAnswer:
    """What came in, line by line. What is accepted is paid for and put where it belongs. What came
    in for a case that does not wait for it is only counted, and nothing of it accepted.
    """
    named = case_named(case_id)
    return answered(
        lambda s, at: inspect(s, named, found, caller, context.policy, at), caller, context
    )


@router.post(
    "/offer",
    responses=refusals(
        *TEXT_REFUSALS,
        Why.ALREADY_OFFERED,
        Why.OFFER_ID_REUSED,
        Why.AMOUNT_TOO_HIGH,
        Why.AMOUNT_NOT_EXPRESSIBLE,
        Why.OVER_LIMIT,
    ),
)
def make_offer(case_id: CaseId, offer: Offer, caller: ByDecider, context: InContext) -> CaseAnswer:
    """Offer the buyer an amount for what was not accepted; 0 sends it back without a question."""
    named = case_named(case_id)
    return answered(
        lambda s, at: offers.make(s, named, offer, caller, context.policy, at), caller, context
    )


@router.post("/arrival", responses=refusals(*TEXT_REFUSALS))
def decide_on_arrival(
    case_id: CaseId, word: ArrivalDecision, caller: ByHandler, context: InContext
) -> CaseAnswer:
    """A parcel came in that no case waited for, and was counted by an inspection: it goes back to
    its buyer, or, if a lead says so, stays with the shop.
    """
    named = case_named(case_id)
    return answered(lambda s, at: arrivals.decide(s, named, word, caller, at), caller, context)


OFFER_REFUSALS = (Why.CASE_NOT_FOUND, Why.NOT_AWAITED, Why.ALREADY_ANSWERED)


@router.post("/offer/accept", responses=refusals(*OFFER_REFUSALS))
def accept_offer(case_id: CaseId, caller: ByBuyer, context: InContext) -> CaseAnswer:
    """The buyer takes the offer: it is paid, and the units stay with the shop."""
    named = case_named(case_id)
    return answered(
        lambda s, at: offers.answer(s, named, True, caller, context.policy, at), caller, context
    )


@router.post("/offer/decline", responses=refusals(*OFFER_REFUSALS))
def decline_offer(case_id: CaseId, caller: ByBuyer, context: InContext) -> CaseAnswer:
    """The buyer wants the units back."""
    named = case_named(case_id)
    return answered(
        lambda s, at: offers.answer(s, named, False, caller, context.policy, at), caller, context
    )


@router.post("/lost", responses=refusals(*TEXT_REFUSALS, Why.NOT_POSTED))
def lose_parcel(
    case_id: CaseId,
    caller: ByResumer,
    context: InContext,
    word: Annotated[Lost, Body()] = Lost(),
) -> CaseAnswer:
    """The parcel is taken for lost: posted goods are paid for as if they had come."""
    named = case_named(case_id)
    return answered(
        lambda s, at: losses.declare(s, named, word, caller, context.policy, at), caller, context
    )
