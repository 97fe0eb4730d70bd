"""How does a shop learn what store credit a customer has?"""

from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel

from api.auth import ByAnyone
from api.context import InContext
from api.ids import CustomerId
from api.instants import Instant
from api.judgement import Route
from api.problems import refusals
from api.scope import OfStorefront, storefront_for
from store.credits import balances, credits_of

router = APIRouter(route_class=Route, prefix="/v1/customers", tags=["customers"])


class Balance(BaseModel):
    currency: str
    amount: int


class Entry(BaseModel):
    case_id: UUID
    amount: int
    currency: str
    at: Instant


class StoreCredit(BaseModel):
    customer_id: str
    balances: list[Balance]
    entries: list[Entry]


@router.get("/{customer_id}/credit", responses=refusals())
def read_store_credit(
    customer_id: CustomerId,
    caller: ByAnyone,
    context: InContext,
    storefront: OfStorefront = None,
) -> StoreCredit:
    """The customer's store credit, newest entry first. Staff name the storefront."""
    of = storefront_for(caller, storefront)
    with context.database.snapshot() as session:
        credits = credits_of(session, of, customer_id) if of else []
    return StoreCredit(
        customer_id=customer_id,
        balances=[Balance(currency=code, amount=amount) for code, amount in balances(credits)],
        entries=[
            Entry(case_id=one.case_id, amount=one.amount, currency=one.currency, at=one.at)
            for one in credits
        ],
    )
