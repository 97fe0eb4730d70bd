"""One unit is in one case's hands, and an order knows which units are its own."""

from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy.exc import IntegrityError

from tests.shop import NOW, repair_body, return_body
from tests.store.bench import COVERED, HOPELESS, Bench
from tests.store.dock import MINUTE, booking
from tests.store.till import Till, refused


@pytest.fixture
def bench(till: Till) -> Bench:
    """Three units, A1 to A3, for 30.00."""
    bench = Bench(till)
    bench.sold(paid=3000, quantity=3, serials=["A1", "A2", "A3"])
    return bench


def brought(bench: Bench, number: str, order_id: str = "o1") -> UUID:
    case_id = bench.shop.apply(repair_body((1, 1), order_id=order_id)).case_id
    bench.shop.approve(case_id)
    bench.done(case_id, booking(number))
    return case_id


def serials(bench: Bench, order_id: str = "o1") -> list[str]:
    """Those that the order shows of its line."""
    record = bench.till.order(order_id)
    ((line, _),) = record.lines
    return list(record.serials[line.id].now)


def test_a_unit_is_in_one_open_repair(bench: Bench) -> None:
    first, second, third = (brought(bench, f"IN{n}") for n in range(3))
    bench.diagnose(first, COVERED)
    for other in (second, third):
        with refused("serial-in-use"):
            bench.diagnose(other, COVERED)
        assert bench.stands(other)[0] == "awaiting_parcel"
    bench.diagnose(second, COVERED, serial="A2")
    assert bench.stands(second)[0] == "in_repair"


def test_a_unit_may_be_taken_once_the_case_before_is_closed_or_found_it_to_be_another(
    bench: Bench,
) -> None:
    first, second = brought(bench, "IN1"), brought(bench, "IN2")
    bench.diagnose(first, HOPELESS)
    bench.diagnose(first, HOPELESS, serial="A2")
    bench.diagnose(second, COVERED)
    bench.done(second)
    bench.repaired(second)
    bench.back(second)
    third = brought(bench, "IN3")
    bench.diagnose(third, COVERED)
    assert bench.stands(third)[0] == "in_repair"


def test_open_repairs_do_not_make_a_third_failure(bench: Bench) -> None:
    for n in range(2):
        case_id = brought(bench, f"IN{n}")
        bench.diagnose(case_id, COVERED)
        bench.diagnose(case_id, HOPELESS, serial=f"A{n + 2}")  # another unit after all
    third = brought(bench, "IN3")
    with refused("serial-in-use"):
        bench.diagnose(third, COVERED, serial="A2")
    bench.diagnose(third, COVERED)
    assert bench.stands(third)[0] == "in_repair"


def test_the_same_unit_of_another_order_is_in_one_case_as_well(bench: Bench) -> None:
    bench.sold("o2")
    bench.diagnose(brought(bench, "IN1"), COVERED)
    with refused("serial-in-use"):
        bench.diagnose(brought(bench, "IN2", "o2"), COVERED)


def test_another_article_may_bear_the_same_serial(bench: Bench) -> None:
    bench.sold("o2", sku="OTHER")
    bench.diagnose(brought(bench, "IN1"), COVERED)
    bench.diagnose(brought(bench, "IN2", "o2"), COVERED)


def test_a_swapped_unit_leaves_the_order_and_what_replaces_it_enters(bench: Bench) -> None:
    case_id = brought(bench, "IN1")
    bench.diagnose(case_id, COVERED)
    bench.done(case_id)
    with refused("wrong-serial"):
        bench.repaired(case_id, "A2", swapped=True)
    bench.repaired(case_id, "N7", swapped=True)
    assert serials(bench) == ["A2", "A3", "N7"]
    bench.back(case_id)
    again = brought(bench, "IN2")
    with refused("unknown-serial"):
        bench.diagnose(again, COVERED)
    bench.diagnose(again, COVERED, serial="N7")


def test_what_replaces_a_unit_is_not_in_another_cases_hands(bench: Bench) -> None:
    bench.sold("o2", serials=["B1"])
    bench.diagnose(brought(bench, "IN1", "o2"), COVERED, serial="B1")
    case_id = brought(bench, "IN2")
    bench.diagnose(case_id, COVERED)
    bench.done(case_id)
    with refused("serial-in-use"):
        bench.repaired(case_id, "B1", swapped=True)


def test_an_order_is_the_same_with_the_serials_it_was_sold_with_or_has_now(bench: Bench) -> None:
    case_id = brought(bench, "IN1")
    bench.diagnose(case_id, COVERED)
    bench.done(case_id)
    bench.repaired(case_id, "N7", swapped=True)
    for told in (["A1", "A2", "A3"], ["A2", "A3", "N7"]):
        bench.sold(paid=3000, quantity=3, serials=told)
    with refused("order-frozen"):
        bench.sold(paid=3000, quantity=3, serials=["A2", "N7"])


def test_a_unit_that_stays_with_the_shop_has_left_the_order(bench: Bench) -> None:
    case_id = brought(bench, "IN1")
    bench.diagnose(case_id, HOPELESS)
    bench.choose(case_id, "refund")
    assert bench.till.pay(case_id).outcome == "refunded"
    assert serials(bench) == ["A2", "A3"]


def returned(bench: Bench, *units: str, accepted: int) -> UUID:
    case_id = bench.shop.apply(return_body((1, 2))).case_id
    bench.shop.approve(case_id)
    bench.collected(case_id)
    line = {"line": 1, "received": 2, "accepted": accepted, "serials": list(units)}
    line |= {"disposition": "restock"} if accepted else {}
    line |= {"reason": "worn"} if accepted < 2 else {}
    bench.count(case_id, [line], NOW + MINUTE)
    return case_id


def test_a_return_records_which_units_came_and_those_accepted_leave_the_order(
    bench: Bench,
) -> None:
    case_id = returned(bench, "A3", "A1", accepted=1)
    assert [line.serials for line in bench.goods(case_id).lines] == [["A3", "A1"]]
    with refused("serial-in-use"):
        bench.diagnose(brought(bench, "IN2"), COVERED)
    bench.offer(case_id, 0)
    bench.till.pay(case_id)
    bench.done(case_id)
    bench.back(case_id, now=NOW + timedelta(hours=1))
    assert bench.case(case_id).outcome == "returned_and_refunded"
    assert serials(bench) == ["A1", "A2"]


def test_a_return_takes_no_unit_that_is_not_of_the_order(bench: Bench) -> None:
    with refused("unknown-serial"):
        returned(bench, "B9", accepted=2)


def test_a_forgotten_check_fails_in_the_database(bench: Bench) -> None:
    bench.diagnose(brought(bench, "IN1"), COVERED)
    second = brought(bench, "IN2")
    with pytest.raises(IntegrityError), bench.shop.database.engine.begin() as connection:
        connection.exec_driver_sql(
            "insert into serial_claims (storefront, case_id, order_line_id, sku, serial,"
            f" claimed_at) select storefront, '{second}', order_line_id, sku, serial, claimed_at"
            " from serial_claims"
        )
