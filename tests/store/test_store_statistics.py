"""Are the figures of cases and auditors those of what happened? One story, told in several ways."""

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from domain.parcels import ParcelStatus
from domain.review_messages import Publish, ReviewRequest
from domain.submissions import SubmissionKind
from store import deadlines, statistics
from store.statistics import AuditorFigures, CaseFigures, Group, Hours, Slice
from store.submissions import moderation, reviews
from tests.shop import NOW, Shop, order_body, repair_body, request_body, return_body
from tests.store.bench import COVERED, Bench
from tests.store.dock import Dock
from tests.store.till import Till

NOVEMBER = (date(2026, 11, 1), date(2026, 11, 30))
ALL = CaseFigures(
    cases=6,
    units_sold=20,
    units_returned=0,
    paid={"EUR": 500, "GBP": 1260},
    decided=4,
    approved=3,
    late=2,
    hours=Hours(median=4.0, p90=pytest.approx(36.5)),
)


def after(hours: float) -> datetime:
    return NOW + timedelta(hours=hours)


@pytest.fixture
def told(till: Till) -> Shop:
    """Two orders and six cases: paid in two currencies, rejected, cancelled, late, undecided."""
    shop = till.shop
    pounds = order_body((6, 1530), (4, 1000), shipping=(500, 0))
    euros = order_body((10, 5000), currency="EUR")
    for line in (pounds["lines"][0], euros["lines"][0]):
        line["supplier"] = "acme"
    shop.sell("o1", pounds)
    shop.sell("o2", euros)

    def case(*lines: tuple[int, int], order_id: str = "o1", **fields: Any) -> UUID:
        return shop.apply(request_body(*lines, order_id=order_id, **fields)).case_id

    whole = case((1, 2), (2, 1), include_shipping=True)
    refused, abroad = case((1, 1), reason="changed_mind"), case((1, 1), order_id="o2")
    shop.approve(whole, now=after(1))
    shop.reject(refused, now=after(3))
    shop.approve(abroad, now=after(5))
    till.pay(whole, after(6))
    till.pay(abroad, after(6))
    shop.cancel(case((2, 1)), after(1))
    case((1, 1))
    late = case((2, 1))
    with shop.database.begin() as session:
        deadlines.remind(session, late, shop.policy, after(48))
    shop.approve(late, shop.other_lead, after(50))
    return shop


def of_cases(shop: Shop, *by: str, **asked: Any) -> list[tuple[Group, CaseFigures]]:
    with shop.database.snapshot() as session:
        return statistics.of_cases(session, slice_of(by, asked), after(60))


def slice_of(by: tuple[str, ...], asked: dict[str, Any]) -> Slice:
    first, last = NOVEMBER
    return Slice(**{"first": first, "last": last, "storefront": None, "by": by, "most": 9} | asked)


def test_all_cases_together(told: Shop) -> None:
    assert of_cases(told) == [({}, ALL)]


def test_a_case_with_two_skus_is_of_both_and_its_money_is_told_apart(told: Shop) -> None:
    found = {group["sku"]: each for group, each in of_cases(told, "sku")}
    assert {sku: (f.cases, f.units_sold, f.paid) for sku, f in found.items()} == {
        "SKU1": (4, 16, {"EUR": 500, "GBP": 510}),
        "SKU2": (3, 4, {"GBP": 250}),
    }
    assert (found["SKU2"].decided, found["SKU2"].approved, found["SKU2"].late) == (2, 2, 1)


def test_lines_without_a_supplier_are_a_group_of_their_own(told: Shop) -> None:
    found = of_cases(told, "supplier")
    assert [(group["supplier"], f.cases, f.units_sold) for group, f in found] == [
        (None, 3, 4),
        ("acme", 4, 16),
    ]


def test_what_sales_do_not_have_divides_them_not(told: Shop) -> None:
    assert [(group, f.cases, f.units_sold) for group, f in of_cases(told, "reason")] == [
        ({"reason": "changed_mind"}, 1, 20),
        ({"reason": "damaged"}, 5, 20),
    ]
    assert of_cases(told, "kind", "storefront") == [({"kind": "refund", "storefront": "demo"}, ALL)]


def test_units_are_sold_on_one_day_and_complained_about_on_another(told: Shop) -> None:
    (group, figures), *more = of_cases(told, "day", "sku")
    assert (group, figures.units_sold) == ({"day": NOW.date(), "sku": "SKU1"}, 0)
    assert len(more) == 1
    assert of_cases(told, last=NOW.date() - timedelta(days=1)) == []
    ((_, figures),) = of_cases(told, first=NOW.date(), last=NOW.date())
    assert (figures.cases, figures.units_sold) == (6, 0)


@pytest.fixture
def returned(told: Shop, till: Till) -> Shop:
    """Beside the story: five units asked back of two SKUs, of which three came; a broken one that
    a technician has; and two that came, and were rejected all the same.
    """
    dock = Dock(till)
    sold = order_body((6, 600), (4, 1000))
    sold["lines"][0]["supplier"] = "acme"
    told.sell("o3", sold)

    def came(body: dict[str, Any], number: str) -> UUID:
        case_id = told.apply(body).case_id
        told.approve(case_id, told.auditor)
        dock.collected(case_id, number)
        dock.seen(ParcelStatus.DELIVERED, number=number)
        return case_id

    short = came(return_body((1, 3), (2, 2), order_id="o3", reason="late"), "TRK1")
    kept = {"line": 1, "received": 2, "accepted": 2, "disposition": "restock"}
    worn = {"line": 2, "received": 1, "accepted": 0, "reason": "worn"}
    dock.count(short, [kept, worn])
    broken = came(repair_body((1, 1), order_id="o3"), "TRK2")
    bench = Bench(till)
    bench.diagnose(broken, COVERED)
    over = came(return_body((1, 2), order_id="o3", reason="late"), "TRK3")
    dock.count(over, [kept])
    told.revoke("alice")  # so that it is decided anew
    till.stands(over)
    told.reject(over, told.lead)
    told.apply(return_body((2, 1), order_id="o3", reason="late"))
    return told


def test_only_units_that_came_back_are_returned_and_none_of_what_was_rejected(
    returned: Shop,
) -> None:
    ((_, whole),) = of_cases(returned)
    assert (whole.units_returned, whole.units_sold) == (4, 30)
    by = {
        name: {group[name]: each.units_returned for group, each in of_cases(returned, name)}
        for name in ("sku", "supplier", "reason", "kind", "day")
    }
    assert by == {
        "sku": {"SKU1": 3, "SKU2": 1},
        "supplier": {None: 1, "acme": 3},
        "reason": {"changed_mind": 0, "damaged": 0, "late": 3, "warranty_fault": 1},
        "kind": {"refund": 0, "repair": 1, "return": 3},
        "day": {NOW.date(): 4},
    }


def test_what_is_not_over_yet_is_not_late(told: Shop) -> None:
    with told.database.snapshot() as session:
        ((_, figures),) = statistics.of_cases(session, slice_of((), {}), after(47))
    assert figures.late == 1


def test_only_the_storefront_asked_for_is_counted(told: Shop) -> None:
    assert of_cases(told, storefront="other") == []
    assert of_cases(told, storefront="demo") == [({}, ALL)]
    assert len(of_cases(told, "sku", most=1)) == 1


def of_auditors(shop: Shop, *by: str, **asked: Any) -> list[tuple[Group, AuditorFigures]]:
    with shop.database.snapshot() as session:
        return statistics.of_auditors(session, slice_of(by, asked))


def test_each_auditor_answers_for_their_own_decisions(told: Shop) -> None:
    assert of_auditors(told, "auditor") == [
        ({"auditor": "lea"}, AuditorFigures(3, 2, 0, Hours(3.0, pytest.approx(4.6)))),
        ({"auditor": "leo"}, AuditorFigures(1, 1, 1, Hours(50.0, 50.0))),
    ]
    days = of_auditors(told, "day", "kind")
    assert [(group["day"].day, group["kind"], f.decisions) for group, f in days] == [
        (24, "refund", 3),
        (26, "refund", 1),
    ]
    assert of_auditors(told, storefront="other") == []


def test_a_second_auditor_does_not_answer_for_the_first(shop: Shop) -> None:
    shop.sell("o1", order_body((1, 200_000)))
    case_id = shop.apply(request_body((1, 1))).case_id
    with shop.database.begin() as session:
        deadlines.remind(session, case_id, shop.policy, after(48))
    shop.approve(case_id, shop.lead, after(49))
    shop.approve(case_id, shop.other_lead, after(51))
    assert of_auditors(shop, "auditor") == [
        ({"auditor": "lea"}, AuditorFigures(1, 1, 1, Hours(49.0, 49.0))),
        ({"auditor": "leo"}, AuditorFigures(1, 1, 0, Hours(2.0, 2.0))),
    ]
    ((_, figures),) = of_cases(shop)
    assert (figures.decided, figures.late, figures.hours) == (1, 1, Hours(51.0, 51.0))


def test_who_lets_reviews_in_is_an_auditor_too(shop: Shop) -> None:
    shop.sell("o1", order_body((1, 100)))
    words = ReviewRequest(customer_id="17850", order_id="o1", line=1, stars=5, content="good")
    with shop.database.begin() as session:
        review = reviews.submit(session, words, shop.storefront, shop.policy, NOW)
    with shop.database.begin() as session:
        moderation.decide(
            session,
            SubmissionKind.REVIEW,
            review.submission_id,
            Publish(),
            shop.auditor,
            shop.policy,
            after(7),
        )
    assert of_auditors(shop, "auditor", "kind") == [
        ({"auditor": "alice", "kind": "review"}, AuditorFigures(1, 1, 0, Hours(7.0, 7.0)))
    ]
