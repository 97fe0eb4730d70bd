"""How does a warehouse tell us what it has, and how does a shop see it?"""

from typing import Annotated, Any, Self

from fastapi import APIRouter, Response
from pydantic import BaseModel, Field
from sqlalchemy.orm import Session

from api.auth import ByAnyone, ByStockkeeper
from api.context import InContext, now
from api.ids import Sku
from api.judgement import Route
from api.problems import refusals
from api.scope import OfStorefront, storefront_for
from domain.messages import Condition, Message, OutsideId
from domain.refusals import Refusal, Why
from store.goods import stock
from store.goods.stock_moves import MAIN
from store.tables import Stock

router = APIRouter(route_class=Route, prefix="/v1/stock", tags=["stock"])


class StockBody(Message):
    """`on_hand` is all that the warehouse has, pieces held for cases included. `condition` may be
    left out: `main` has new pieces, `resale` used ones, and another what it began with (new).
    """

    storefront: OutsideId
    warehouse: OutsideId = MAIN
    on_hand: Annotated[int, Field(strict=True, ge=0, le=10**9)]
    condition: Condition | None = None


class InWarehouse(BaseModel):
    warehouse: str
    condition: Condition
    on_hand: int
    held: int
    available: int


class StockAnswer(BaseModel):
    """What there is of a SKU. Warehouses are in the order in which they are asked for pieces."""

    storefront: str
    sku: str
    warehouses: list[InWarehouse]

    @classmethod
    def of(cls, rows: list[Stock]) -> Self:
        return cls(
            storefront=rows[0].storefront,
            sku=rows[0].sku,
            warehouses=[
                InWarehouse(
                    warehouse=row.warehouse,
                    condition=Condition(row.condition),
                    on_hand=row.on_hand,
                    held=row.held,
                    available=row.on_hand - row.held,
                )
                for row in rows
            ],
        )


CREATED: dict[int | str, dict[str, Any]] = {
    201: {"model": StockAnswer, "description": "The SKU is new to the warehouse."}
}


@router.put(
    "/{sku}",
    responses=CREATED
    | refusals(Why.TOO_LARGE, Why.STOREFRONT_NOT_FOUND, Why.STOCK_HELD, Why.STOCK_CONDITION),
)
def put_stock(
    sku: Sku, body: StockBody, caller: ByStockkeeper, context: InContext, response: Response
) -> StockAnswer:
    """Say what a warehouse has on hand of a SKU (201 if it is new there, else 200)."""

    def work(session: Session) -> tuple[bool, StockAnswer]:
        created = stock.put(
            session,
            body.storefront,
            sku,
            body.warehouse,
            body.on_hand,
            condition=body.condition,
            actor=caller.name,
            now=now(),
        )
        return created, StockAnswer.of(stock.read_stock(session, body.storefront, sku))

    created, answer = context.database.run(work)
    response.status_code = 201 if created else 200
    return answer


@router.get("/{sku}", responses=refusals(Why.SKU_NOT_FOUND))
def read_stock(
    sku: Sku, caller: ByAnyone, context: InContext, storefront: OfStorefront = None
) -> StockAnswer:
    """What there is of a SKU, warehouse by warehouse. Staff name the storefront."""
    of = storefront_for(caller, storefront)
    if of is None:
        raise Refusal(Why.SKU_NOT_FOUND)
    with context.database.snapshot() as session:
        return StockAnswer.of(stock.read_stock(session, of, sku))
