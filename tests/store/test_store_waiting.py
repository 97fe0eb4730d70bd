"""Who waits for an article is tried for again once all that they want is there, and not before."""

from datetime import timedelta
from uuid import UUID

import pytest

from store.goods import stock
from tests.shop import NOW, exchange_body, order_body
from tests.store.dock import Dock
from tests.store.till import Till


@pytest.fixture
def dock(till: Till) -> Dock:
    return Dock(till)


def on_hand(dock: Dock, n: int, sku: str, warehouse: str = "main") -> None:
    """The warehouse has counted so many."""
    dock.shop.database.run(
        lambda s: stock.put(s, "demo", sku, warehouse, n, actor="wanda", now=NOW)
    )


def wanting(
    dock: Dock, *skus: str, order_id: str = "o1", quantity: int = 1, condition: str = "new"
) -> UUID:
    """An approved exchange that wants these articles, tried for once and in vain."""
    dock.shop.sell(order_id, order_body(*((quantity, 500) for _ in skus)))
    lines = [(n, quantity) for n in range(1, len(skus) + 1)]
    body = exchange_body(*lines, price=500, order_id=order_id)
    for wanted, sku in zip(body["replacement"], skus, strict=True):
        wanted |= {"sku": sku, "condition": condition}
    case_id = dock.shop.apply(body).case_id
    dock.shop.approve(case_id)
    dock.done(case_id)
    assert dock.stands(case_id) == ("awaiting_stock", "warehouse", 0)
    return case_id


def test_a_case_that_lacks_one_article_does_not_wake_itself_by_letting_the_other_go(
    dock: Dock,
) -> None:
    on_hand(dock, 1, "NEW1")
    case_id = wanting(dock, "NEW1", "NEW2")
    assert dock.idle(case_id)
    on_hand(dock, 1, "NEW2")
    dock.done(case_id)
    assert dock.stands(case_id)[0] == "awaiting_parcel"


def test_two_cases_that_lack_the_same_article_do_not_wake_each_other(dock: Dock) -> None:
    on_hand(dock, 1, "NEW1")
    first = wanting(dock, "NEW1", "NEW2")
    second = wanting(dock, "NEW1", "NEW2", order_id="o2")
    assert (dock.idle(first), dock.idle(second)) == (True, True)
    on_hand(dock, 1, "NEW2")
    dock.done(first)
    dock.done(second)
    assert (dock.stands(first)[0], dock.stands(second)[0]) == ("awaiting_parcel", "awaiting_stock")
    assert dock.idle(second)


def test_one_article_for_two_lines_takes_pieces_for_both(dock: Dock) -> None:
    on_hand(dock, 1, "NEW1")
    case_id = wanting(dock, "NEW1", "NEW1")
    assert dock.idle(case_id)
    on_hand(dock, 2, "NEW1")
    dock.done(case_id)
    assert dock.stands(case_id)[0] == "awaiting_parcel"


def test_pieces_in_two_warehouses_wake_nobody_who_wants_them_out_of_one(dock: Dock) -> None:
    on_hand(dock, 1, "NEW1")
    case_id = wanting(dock, "NEW1", quantity=2)
    on_hand(dock, 1, "NEW1", "outlet")
    assert dock.idle(case_id)
    on_hand(dock, 2, "NEW1", "outlet")
    assert dock.effect(case_id).action == "hold_stock"


def test_a_used_piece_wakes_only_who_was_offered_one(dock: Dock) -> None:
    case_id = wanting(dock, "NEW1")
    offered = wanting(dock, "NEW1", order_id="o2", condition="used")
    on_hand(dock, 1, "NEW1", "resale")
    assert dock.idle(case_id)
    dock.done(offered)
    assert dock.stands(offered)[0] == "awaiting_parcel"
    on_hand(dock, 1, "NEW1")
    dock.done(case_id)
    assert dock.stands(case_id)[0] == "awaiting_parcel"


def test_a_hold_that_ran_out_wakes_who_waits_for_its_pieces(dock: Dock) -> None:
    on_hand(dock, 1, "NEW1")
    an_hour = NOW + timedelta(hours=1)
    dock.shop.database.run(
        lambda s: stock.hold(
            s,
            key="other",
            storefront="demo",
            sku="NEW1",
            quantity=1,
            until=an_hour,
            now=NOW,
        )
    )
    case_id = wanting(dock, "NEW1")
    assert dock.idle(case_id)
    dock.shop.database.run(lambda s: stock.expire(s, an_hour))
    assert dock.effect(case_id).action == "hold_stock"
