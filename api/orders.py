"""How does a storefront tell us what it sold, and what is left of it?"""

from typing import Any

from fastapi import APIRouter, Response
from sqlalchemy.orm import Session

from api.auth import ByAnyone, ByStorefront
from api.charge_answers import charges_answer
from api.context import InContext, now
from api.currencies import Currency
from api.ids import OrderId
from api.judgement import Route
from api.order_answers import OrderAnswer, order_answer
from api.problems import refusals
from api.scope import OfStorefront, storefront_for
from domain.orders import OrderPut
from domain.refusals import Refusal, Why
from store import orders
from store.charge_records import charges_of

router = APIRouter(route_class=Route, prefix="/v1/orders", tags=["orders"])


class OrderBody(OrderPut):
    currency: Currency


CREATED: dict[int | str, dict[str, Any]] = {
    201: {"model": OrderAnswer, "description": "The order is new."}
}


@router.put(
    "/{order_id}",
    responses=CREATED
    | refusals(Why.TOO_LARGE, Why.CARD_NUMBER, Why.ORDER_UNBALANCED, Why.ORDER_FROZEN),
)
def put_order(
    order_id: OrderId,
    body: OrderBody,
    caller: ByStorefront,
    context: InContext,
    response: Response,
) -> OrderAnswer:
    """Create an order (201) or bring it up to date (200). Once a case exists, the customer and the
    times of delivery may still change, nothing else.
    """
    body.check_deliveries(context.policy.timezone)
    storefront = caller.storefront or ""

    def work(session: Session) -> tuple[bool, OrderAnswer]:
        created = orders.put_order(session, storefront, order_id, body, now())
        session.flush()
        return created, order_answer(orders.read_order(session, storefront, order_id))

    created, answer = context.database.run(work)
    response.status_code = 201 if created else 200
    return answer


@router.get("/{order_id}", responses=refusals(Why.ORDER_NOT_FOUND))
def read_order(
    order_id: OrderId, caller: ByAnyone, context: InContext, storefront: OfStorefront = None
) -> OrderAnswer:
    """The order, with what its cases took of it. Staff name the storefront."""
    of = storefront_for(caller, storefront)
    if of is None:
        raise Refusal(Why.ORDER_NOT_FOUND)
    with context.database.snapshot() as session:
        record = orders.read_order(session, of, order_id)
        staff = caller.role.staff
        return order_answer(
            record, charges_answer(charges_of(session, of, order_id)) if staff else ()
        )
