"""Books in which goods were exchanged: one buyer paid the difference, another is paid back."""

from typing import Any
from uuid import UUID

from activities.embedded_stock import EmbeddedStock
from domain import goods_messages
from domain.bills import BillState, BillWord
from domain.cases import PayoutState
from domain.effects import EffectAction, EffectState, Said
from domain.parcels import ParcelStatus
from gateways.testimony import Verdict
from store.goods import bills, tracking
from store.goods.effect_requests import BillRequest, EffectRequest, StockRequest
from store.goods.effect_steps import conclude
from store.goods.inspections import inspect
from store.goods.stock import put
from tests.effects import begin_next, stocked
from tests.ops.books import Books, now
from tests.shop import exchange_body

STOCK = (
    EffectAction.HOLD_STOCK,
    EffectAction.RELEASE_STOCK,
    EffectAction.SHIP_STOCK,
    EffectAction.RESTOCK,
)


def exchanged(books: Books) -> None:
    """Two units of each of two orders for something dearer; of the second there is none left when
    it is to leave.
    """
    books.book |= {"checkouts": [], "charges": []}
    stock = EmbeddedStock(books.database, now)
    given, missed = (_paid_for(books, stock, order_id) for order_id in ("o8", "o9"))
    _all_done(books, given, stock)
    number = books.book["shipments"][-1]["key"]
    arrived = tracking.Report("sandbox", "evt_8", number, ParcelStatus.DELIVERED, now())
    books.database.run(lambda s: tracking.receive(s, arrived, books.shop.policy, now()))
    request = _due(books, missed)
    assert isinstance(request, StockRequest)
    stock.release(key=f"{request.of}-1")
    _count(books, 0)
    _all_done(books, missed, stock)
    books.advance(missed, PayoutState.PAID)
    _all_done(books, missed, stock)


def _count(books: Books, n: int) -> None:
    books.database.run(lambda s: put(s, "demo", "NEW1", "main", n, actor="wanda", now=now()))


def _paid_for(books: Books, stock: EmbeddedStock, order_id: str) -> UUID:
    """The goods were accepted, and the buyer has paid what the replacement costs more."""
    _count(books, 4)
    books.sell(order_id, (2, 1000))
    case_id = books.shop.apply(exchange_body((1, 2), price=1300, order_id=order_id), now()).case_id
    books.approve(case_id)
    _all_done(books, case_id, stock)
    line = {"line": 1, "received": 2, "accepted": 2, "disposition": "scrap"}
    found = goods_messages.Inspection.model_validate({"lines": [line]})
    warehouse, rules = books.shop.warehouse, books.shop.policy
    books.database.run(lambda s: inspect(s, case_id, found, warehouse, rules, now()))
    _all_done(books, case_id, stock)
    news = bills.BillReport("stripe", f"evt_{order_id}", "checkout.session.completed", case_id)
    books.database.run(lambda s: bills.report(s, news, now()))
    _done(books, case_id, stock)
    return case_id


def _due(books: Books, case_id: UUID, *, standing: bool = True) -> EffectRequest | None:
    step = books.database.run(lambda s: begin_next(s, case_id, now(), standing=standing))
    return step if isinstance(step, EffectRequest) else None


def _all_done(books: Books, case_id: UUID, stock: EmbeddedStock) -> None:
    while _due(books, case_id, standing=False):
        _done(books, case_id, stock)


def _done(books: Books, case_id: UUID, stock: EmbeddedStock) -> None:
    request = _due(books, case_id)
    assert request is not None
    said = _shelved(request, stock) if request.action in STOCK else _said(books, request)
    books.database.run(lambda s: conclude(s, request, said, books.shop.policy, now()))


def _shelved(request: EffectRequest, stock: EmbeddedStock) -> Said:
    answer = stocked(stock, request)
    done = answer.verdict is Verdict.SUCCEEDED
    return Said(EffectState.DONE if done else EffectState.CANCELLED, code=answer.code)


def _said(books: Books, request: EffectRequest) -> Said:
    """What carrier and gateway say, and write into their books."""
    row: dict[str, Any] = {"id": request.key, "key": request.key, "created": 1_600_000_000}
    done = Said(EffectState.DONE, request.key, carrier="sandbox", tracking_number=request.key)
    match request.action:
        case EffectAction.BOOK_PICKUP | EffectAction.SEND_PARCEL:
            books.book["shipments"].append(row)
        case EffectAction.COLLECT_BILL if request.reference is None:
            assert isinstance(request, BillRequest)
            money = {"amount": request.bill.amount, "currency": "gbp", "charge": None}
            books.book["checkouts"].append(row | money | {"status": "open"})
            return Said(
                EffectState.DONE, request.key, bill=BillWord(BillState.OPEN, url="https://p")
            )
        case EffectAction.COLLECT_BILL:
            charge = {"id": f"ch_{request.key}", "created": 1_600_000_000}
            books.book["charges"].append(charge)
            books.book["checkouts"][-1] |= {"status": "complete", "charge": charge["id"]}
            paid = BillWord(BillState.PAID, payment=str(charge["id"]))
            return Said(EffectState.DONE, request.key, bill=paid)
        case EffectAction.REFUND_BILL:
            assert isinstance(request, BillRequest)
            refund = {"charge": request.bill.payment, "amount": request.bill.amount}
            refund |= {"currency": "gbp", "status": "succeeded"}
            books.book["refunds"].append(row | refund)
    return done
