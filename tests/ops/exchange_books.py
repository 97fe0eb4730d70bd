"""Books in which goods were exchanged: one buyer paid the difference, another is paid back."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from activities.shelves import Shelves
from activities.stock import EmbeddedStock
from domain import goods_messages
from domain.bills import BillState, BillWord
from domain.cases import PayoutState
from domain.effects import Action, EffectState, Said
from domain.parcels import ParcelStatus
from gateways.testimony import Verdict
from store.goods import bills, errands, tracking
from store.goods.errands import Errand
from store.goods.inspections import inspect
from store.goods.stock import put
from tests.ops.books import Books, now
from tests.shop import exchange_body

STOCK = (Action.HOLD, Action.RELEASE, Action.SHIP, Action.PUT_BACK)


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
    errand = _due(books, missed)
    assert errand is not None
    stock.release(key=f"{errand.of}-1")
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


def _due(books: Books, case_id: UUID) -> Errand | None:
    step = books.database.run(lambda s: errands.begin(s, case_id, now()))
    return step if isinstance(step, Errand) else None


def _all_done(books: Books, case_id: UUID, stock: EmbeddedStock) -> None:
    while _due(books, case_id):
        _done(books, case_id, stock)


def _done(books: Books, case_id: UUID, stock: EmbeddedStock) -> None:
    errand = _due(books, case_id)
    assert errand is not None
    said = _shelved(errand, stock) if errand.action in STOCK else _said(books, errand)
    books.database.run(lambda s: errands.conclude(s, errand, said, books.shop.policy, now()))


def _shelved(errand: Errand, stock: EmbeddedStock) -> Said:
    answer = getattr(Shelves(stock, timedelta(days=90)), errand.action)(errand)
    done = answer.verdict is Verdict.SUCCEEDED
    return Said(EffectState.DONE if done else EffectState.CANCELLED, code=answer.code)


def _said(books: Books, errand: Errand) -> Said:
    """What carrier and gateway say, and write into their books."""
    row: dict[str, Any] = {"id": errand.key, "key": errand.key, "created": 1_600_000_000}
    done = Said(EffectState.DONE, errand.key, carrier="sandbox", tracking_number=errand.key)
    match errand.action:
        case Action.COLLECT | Action.SEND:
            books.book["shipments"].append(row)
        case Action.BILL:
            assert errand.bill is not None
            money = {"amount": errand.bill.amount, "currency": "gbp", "charge": None}
            books.book["checkouts"].append(row | money | {"status": "open"})
            return Said(
                EffectState.DONE, errand.key, bill=BillWord(BillState.OPEN, url="https://p")
            )
        case Action.ASK_BILL:
            charge = {"id": f"ch_{errand.key}", "created": 1_600_000_000}
            books.book["charges"].append(charge)
            books.book["checkouts"][-1] |= {"status": "complete", "charge": charge["id"]}
            paid = BillWord(BillState.PAID, payment=str(charge["id"]))
            return Said(EffectState.DONE, errand.key, bill=paid)
        case Action.REPAY_BILL:
            assert errand.bill is not None
            refund = {"charge": errand.bill.payment, "amount": errand.bill.amount}
            refund |= {"currency": "gbp", "status": "succeeded"}
            books.book["refunds"].append(row | refund)
    return done
