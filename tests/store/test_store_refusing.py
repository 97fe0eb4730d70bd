"""An auditor says no at a second audit, when the goods are here: they go back to their buyer."""

from uuid import UUID

import pytest

from domain.parcels import ParcelStatus
from tests.shop import NOW, exchange_body, order_body, return_body
from tests.store.books import broken
from tests.store.dock import REFUSED, Dock, booking
from tests.store.shelves import Shelves
from tests.store.till import Till

HERE = ParcelStatus.DELIVERED


@pytest.fixture
def dock(till: Till) -> Dock:
    return Dock(till)


def counted(dock: Dock, kind: str = "return", **line: str) -> UUID:
    """Two units, accepted by the warehouse, and about to be paid for: 10.00, or 3.00 beside what
    replaces them.
    """
    dock.shop.sell("o1", order_body((2, 1000)))
    asked = return_body((1, 2)) if kind == "return" else exchange_body((1, 2), price=700)
    case_id = dock.shop.apply(asked).case_id
    dock.shop.approve(case_id, dock.shop.auditor)
    if kind == "exchange":
        dock.done(case_id)
    dock.collected(case_id)
    found = {"line": 1, "received": 2, "accepted": 2, "disposition": "restock", **line}
    dock.count(case_id, [found])
    return case_id


def disputed(dock: Dock, case_id: UUID) -> UUID:
    """Who approved it is gone before it is paid."""
    dock.shop.revoke("alice")
    dock.till.stands(case_id)
    assert dock.stands(case_id) == ("awaiting_second_audit", "auditor", 0)
    return case_id


def rejected(dock: Dock, case_id: UUID) -> UUID:
    dock.shop.reject(case_id, dock.shop.lead)
    return case_id


def given_back(dock: Dock, case_id: UUID) -> list[str]:
    """Everything is done that is to be done, and the buyer has the parcel; what was done."""
    done: list[str] = []
    while not dock.idle(case_id):
        request = dock.effect(case_id)
        done.append(request.action)
        if request.action == "send_parcel":
            assert [piece.quantity for piece in request.pieces] == [2]
        dock.said(request, booking("BACK1") if request.action == "send_parcel" else None)
    dock.seen(HERE, NOW, number="BACK1")
    case = dock.case(case_id)
    assert (case.stage, case.outcome, case.paid) == ("rejected", "rejected", 0)
    assert dock.till.units("o1").free == 2
    return done


def test_units_that_are_on_the_shelf_leave_it_for_their_buyer(dock: Dock) -> None:
    case_id = counted(dock)
    dock.done(case_id)  # they are put back
    assert dock.on_shelf() == 2
    rejected(dock, disputed(dock, case_id))
    assert dock.stands(case_id) == ("shipping", "carrier", 0)
    assert given_back(dock, case_id) == ["hold_stock", "ship_stock", "send_parcel"]
    assert dock.on_shelf() == 0


def test_units_that_are_not_on_the_shelf_yet_never_get_there(dock: Dock) -> None:
    case_id = rejected(dock, disputed(dock, counted(dock)))
    assert given_back(dock, case_id) == ["send_parcel"]
    assert dock.on_shelf() == 0


def test_units_leave_the_shelf_that_they_were_put_on(dock: Dock) -> None:
    shelves = Shelves(dock.shop)
    shelves.put(5, sku="SKU1")
    case_id = counted(dock, disposition="resale")
    dock.done(case_id)
    given_back(dock, rejected(dock, disputed(dock, case_id)))
    assert shelves.counts("SKU1") == {"main": (5, 0), "resale": (0, 0)}


def test_an_exchange_gives_the_goods_back_and_lets_the_replacement_go(dock: Dock) -> None:
    shelves = Shelves(dock.shop)
    shelves.put(2, sku="NEW1")
    case_id = counted(dock, "exchange")
    dock.done(case_id)
    assert shelves.counts("NEW1") == {"main": (2, 2)}
    rejected(dock, disputed(dock, case_id))
    assert given_back(dock, case_id) == ["release_stock", "hold_stock", "ship_stock", "send_parcel"]
    assert shelves.counts("NEW1") == {"main": (2, 0)}
    assert dock.on_shelf() == 0


def test_units_that_were_sold_since_are_looked_for_by_a_person(dock: Dock) -> None:
    case_id = counted(dock)
    dock.done(case_id)
    disputed(dock, case_id)
    shelves = Shelves(dock.shop)
    shelves.put(1, sku="SKU1")
    rejected(dock, case_id)
    dock.done(case_id)
    case = dock.case(case_id)
    assert (case.stage, case.attention) == ("needs_attention", "out_of_stock")
    shelves.put(2, sku="SKU1")
    dock.shop.resume(case_id, action="retry", note="here they are")
    assert given_back(dock, case_id) == ["hold_stock", "ship_stock", "send_parcel"]


def test_what_was_scrapped_is_not_sent_back_and_the_case_ends_at_once(dock: Dock) -> None:
    case_id = rejected(dock, disputed(dock, counted(dock, disposition="scrap")))
    assert dock.case(case_id).outcome == "rejected"
    assert dock.idle(case_id)
    assert dock.till.units("o1").free == 2


def test_a_carrier_that_does_not_take_them_is_asked_again(dock: Dock) -> None:
    case_id = rejected(dock, disputed(dock, counted(dock)))
    dock.done(case_id, REFUSED)
    assert dock.case(case_id).attention == "dispatch_refused"
    dock.shop.resume(case_id, action="retry", note="another service")
    given_back(dock, case_id)


def test_a_parcel_that_its_carrier_was_silent_about_ends_the_case_as_rejected(dock: Dock) -> None:
    case_id = rejected(dock, disputed(dock, counted(dock)))
    dock.done(case_id, booking("BACK1"))
    dock.days_pass(case_id, 10)
    assert dock.case(case_id).attention == "parcel_silent"
    given_back(dock, case_id)


def test_units_that_are_lost_on_their_way_back_are_paid_for_if_somebody_agrees(dock: Dock) -> None:
    case_id = counted(dock)
    dock.done(case_id)  # they are put back
    rejected(dock, disputed(dock, case_id))
    for said in (None, None, booking("BACK1")):
        dock.done(case_id, said)
    dock.seen(ParcelStatus.PICKED_UP, number="BACK1")
    assert broken(dock.shop.database) == {}
    dock.lose(case_id)
    dock.till.stands(case_id)
    assert dock.stands(case_id) == ("awaiting_second_audit", "auditor", 0)
    dock.shop.approve(case_id, dock.shop.lead)
    case = dock.till.pay(case_id)
    assert (case.stage, case.outcome, case.paid) == ("completed", "refunded", 1000)
    assert broken(dock.shop.database) == {}


def test_units_that_were_sold_since_may_be_given_up(dock: Dock) -> None:
    case_id = counted(dock)
    dock.done(case_id)
    disputed(dock, case_id)
    Shelves(dock.shop).put(1, sku="SKU1")
    rejected(dock, case_id)
    dock.done(case_id)
    case = dock.shop.resume(case_id, action="give_up", note="the buyer does not want them")
    assert (case.stage, case.outcome, case.paid) == ("cancelled", "given_up", 0)
    assert broken(dock.shop.database) == {}
