"""How does staff say whose a charge is?"""

from typing import Annotated

from fastapi import APIRouter, Path
from sqlalchemy.orm import Session

from api.auth import ByResumer
from api.charge_answers import ChargeAnswer, charge_answer
from api.context import InContext, now
from api.judgement import Route
from api.problems import refusals
from domain.messages import Message, Note, OutsideId
from domain.refusals import Why
from store.assignments import assign

router = APIRouter(route_class=Route, prefix="/v1/charges", tags=["charges"])

ChargeName = Annotated[OutsideId, Path(examples=["ch_3RkF2xGsv9TqLmQ41"])]


class Assign(Message):
    """Whose the charge is to be, and why."""

    storefront: OutsideId
    note: Note


@router.post(
    "/{charge}/assign",
    responses=refusals(
        Why.TOO_LARGE,
        Why.CARD_NUMBER,
        Why.CHARGE_NOT_FOUND,
        Why.STOREFRONT_NOT_FOUND,
        Why.FOUR_EYES,
        Why.CHARGE_IN_USE,
    ),
)
def assign_charge(
    charge: ChargeName, wanted: Assign, caller: ByResumer, context: InContext
) -> ChargeAnswer:
    """Give a charge to a storefront: an operator or a lead asks, one of the other role confirms by
    the same call.
    """

    def work(session: Session) -> ChargeAnswer:
        given = assign(session, charge, wanted.storefront, wanted.note, caller, now())
        session.flush()
        return charge_answer(given)

    return context.database.run(work)
