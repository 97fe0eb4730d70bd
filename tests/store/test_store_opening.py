"""What does a request get, and what is refused, with nothing left behind?"""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event, select, text

from domain.messages import CaseRequest
from store import opening
from store.quotes import Quote
from store.tables import Order, Outbox, Table
from tests.shop import NOW, Shop, order_body, request_body
from tests.store.till import BANK_CARD, Till, refused

OLD = (NOW - timedelta(days=31)).isoformat()


def preview(shop: Shop, body: dict[str, Any]) -> Quote:
    request = CaseRequest.model_validate(body)
    return shop.database.run(lambda s: opening.preview(s, request, "demo", shop.policy, NOW))


def test_a_case_owns_the_lowest_units_and_says_how_its_amount_came_about(till: Till) -> None:
    till.shop.sell("o1", order_body((6, 1530, 255), (1, 100)))
    case = till.shop.apply(request_body((1, 2), note="two arrived cracked"))
    assert (case.stage, case.waiting_for, case.version) == ("awaiting_audit", "auditor", 1)
    assert (case.items, case.shipping, case.total, case.tax, case.paid) == (510, 0, 510, 85, 0)
    assert case.steps == ["line 1: units 1-2 of 6, paid 1530 -> 510"]
    assert case.due_at == NOW + timedelta(hours=48)
    ((line, units),) = till.record(case.case_id).lines
    assert (line.line, line.quantity, line.amount, line.tax) == (1, 2, 510, 85)
    assert units == [(1, 2)]
    count = till.units()
    assert (count.bought, count.claimed, count.settled, count.free) == (6, 2, 0, 4)
    (opened,) = till.events(case.case_id)
    assert (opened.what, opened.actor, opened.from_stage, opened.to_stage) == (
        "opened",
        "shop",
        None,
        "awaiting_audit",
    )


def test_the_workflow_is_started_by_the_same_transaction(shop: Shop) -> None:
    shop.sell("o1", order_body((1, 100)))
    case = shop.apply(request_body((1, 1)))
    with shop.session() as session:
        (message,) = session.scalars(select(Outbox))
    assert (message.case_id, message.topic) == (case.case_id, "start")


def test_a_case_over_several_lines_keeps_the_order_it_was_asked_in(till: Till) -> None:
    till.shop.sell("o1", order_body((2, 200), (2, 301), (1, 50)))
    case = till.shop.apply(request_body((3, 1), (1, 2), (2, 1)))
    lines = till.record(case.case_id).lines
    assert [(line.line, line.amount) for line, _ in lines] == [(3, 50), (1, 200), (2, 151)]
    assert case.total == 401


@pytest.mark.parametrize(
    ("request_", "slug"),
    [
        (request_body((1, 1), order_id="nobody"), "order-not-found"),
        (request_body((1, 1), (1, 1)), "line-repeated"),
        (request_body((9, 1)), "unknown-line"),
        (request_body((1, 3)), "units-not-available"),
        (request_body((1, 1), amount=501), "amount-too-high"),
        (request_body((2, 1)), "nothing-to-refund"),
        (request_body((1, 1), reason="warranty_fault"), "not-eligible"),
        (request_body((3, 1), reason="changed_mind"), "not-eligible"),
        (request_body((1, 1), include_shipping=True), "shipping-not-refundable"),
    ],
)
def test_a_refused_request_leaves_nothing_behind(
    shop: Shop, request_: dict[str, Any], slug: str
) -> None:
    shop.sell("o1", order_body((2, 1000), (1, 0), (1, 500)) | _final_sale(3))
    with refused(slug):
        preview(shop, request_)
    with refused(slug):
        shop.apply(request_)
    with shop.session() as session:
        for table in ("cases", "claims", "case_events", "outbox"):
            assert session.scalar(text(f"select count(*) from {table}")) == 0
        assert session.scalars(select(Order.frozen_at)).one() is None


def _final_sale(number: int) -> dict[str, Any]:
    body = order_body((2, 1000), (1, 0), (1, 500))
    body["lines"][number - 1]["category"] = "final_sale"
    return {"lines": body["lines"]}


def test_another_storefronts_order_is_not_found(shop: Shop) -> None:
    shop.sell("o1", order_body((1, 100)))
    rival = shop.hire("rival", shop.storefront.role, storefront="rival")
    request = CaseRequest.model_validate(request_body((1, 1)))
    with refused("order-not-found"):
        shop.database.run(lambda s: opening.open_case(s, request, rival, shop.policy, NOW))


def test_too_many_units_are_refused_with_what_is_free_of_each_line(shop: Shop) -> None:
    shop.sell("o1", order_body((3, 300), (2, 200), (5, 500)))
    shop.apply(request_body((1, 2)))
    with refused("units-not-available") as refusal:
        shop.apply(request_body((1, 2), (2, 2), (3, 6)))
    assert refusal.value.extra["lines"] == [
        {"line": 1, "requested": 2, "free": 1},
        {"line": 3, "requested": 6, "free": 5},
    ]


def test_a_window_that_is_over_is_named(shop: Shop) -> None:
    shop.sell("o1", order_body((1, 100), delivered_at=OLD))
    with refused("not-eligible") as refusal:
        shop.apply(request_body((1, 1)))
    assert refusal.value.extra == {"rule": "window"}


def test_the_entitlement_itself_is_no_lower_amount(shop: Shop) -> None:
    shop.sell("o1", order_body((2, 1000)))
    case = shop.apply(request_body((1, 1), amount=500))
    assert case.steps == ["line 1: units 1 of 2, paid 1000 -> 500"]


def test_a_lower_amount_is_shared_over_the_lines(till: Till) -> None:
    till.shop.sell("o1", order_body((1, 300, 60), (1, 100, 20)))
    case = till.shop.apply(request_body((1, 1), (2, 1), amount=101))
    assert (case.total, case.tax) == (101, 20)
    assert [line.amount for line, _ in till.record(case.case_id).lines] == [76, 25]
    assert case.steps[-1] == "asked for 101 of 400"


def test_nothing_captured_is_left_to_pay_from(till: Till) -> None:
    till.shop.sell("o1", order_body((1, 1000)))
    case_id = till.shop.apply(request_body((1, 1), amount=1)).case_id
    till.shop.approve(case_id)
    till.pay(case_id)
    with till.shop.database.begin() as session:  # as if 9.99 had been refunded elsewhere
        session.execute(text("update payments set captured = 1"))
    with refused("payout-not-possible"):
        till.shop.apply(request_body((1, 1)))


def test_a_bank_card_is_kept_as_token_and_last_four(shop: Shop) -> None:
    shop.sell("o1", order_body((1, 100)))
    case = shop.apply(request_body((1, 1), payout_to=BANK_CARD))
    assert (case.payout_to, case.payout_token, case.payout_last4) == ("bank_card", "tok_9", "4242")


def test_an_order_takes_only_so_many_open_cases(shop: Shop) -> None:
    shop.sell("o1", order_body((3, 300)))
    limits = shop.policy.limits.model_copy(update={"open_cases_per_order": 2})
    shop.policy = shop.policy.model_copy(update={"limits": limits})
    first = shop.apply(request_body((1, 1)))
    shop.apply(request_body((1, 1)))
    with refused("not-eligible") as refusal:
        shop.apply(request_body((1, 1)))
    assert refusal.value.extra == {"rule": "open_cases_per_order"}
    shop.cancel(first.case_id)
    shop.apply(request_body((1, 1)))


class TestShipping:
    """Shipping of 3.00, of which 0.60 is tax, on an order of two units for 10.00."""

    @pytest.fixture(autouse=True)
    def _sell(self, shop: Shop) -> None:
        shop.sell("o1", order_body((2, 1000, 200), shipping=(300, 60)))

    def test_it_is_granted_where_the_seller_is_at_fault(self, till: Till) -> None:
        case = till.shop.apply(request_body((1, 1), include_shipping=True))
        assert (case.items, case.shipping, case.total, case.tax) == (500, 300, 800, 160)
        assert case.steps[-1] == "shipping: 300 left of 300"
        assert till.order().order.shipping_reserved == 300

    def test_it_is_granted_with_the_last_free_units_only(self, shop: Shop) -> None:
        changed_mind: dict[str, Any] = {"reason": "changed_mind", "include_shipping": True}
        with refused("shipping-not-refundable"):
            shop.apply(request_body((1, 1), **changed_mind))
        shop.apply(request_body((1, 1)))
        assert shop.apply(request_body((1, 1), **changed_mind)).shipping == 300

    def test_it_is_reserved_once(self, shop: Shop) -> None:
        shop.apply(request_body((1, 1), include_shipping=True))
        with refused("shipping-not-refundable"):
            shop.apply(request_body((1, 1), include_shipping=True))

    def test_it_is_free_again_when_its_case_comes_to_nothing(self, till: Till) -> None:
        case = till.shop.apply(request_body((1, 1), include_shipping=True))
        till.shop.cancel(case.case_id)
        assert till.order().order.shipping_reserved == 0
        assert till.shop.apply(request_body((1, 1), include_shipping=True)).shipping == 300

    def test_a_lower_amount_leaves_it_for_others(self, till: Till) -> None:
        case = till.shop.apply(request_body((1, 1), include_shipping=True, amount=600))
        assert (case.items, case.shipping) == (500, 100)
        till.shop.approve(case.case_id)
        till.pay(case.case_id)
        rest = till.shop.apply(request_body((1, 1), include_shipping=True))
        assert rest.shipping == 200


def test_a_preview_says_what_the_case_would_and_writes_nothing(till: Till) -> None:
    till.shop.sell("o1", order_body((3, 1000, 200), shipping=(300, 60)))
    goodwill = till.shop.apply(request_body((1, 3), amount=100))
    till.shop.approve(goodwill.case_id)
    till.pay(goodwill.case_id)
    body = request_body((1, 2), include_shipping=True, amount=700)
    before = _everything(till.shop)
    quoted = preview(till.shop, body)
    assert _everything(till.shop) == before
    case = till.shop.apply(body)
    assert (quoted.due.total, quoted.due.tax) == (case.total, case.tax)
    assert list(quoted.due.steps) == case.steps
    assert "less 67 paid back before" in case.steps[0]


def _everything(shop: Shop) -> dict[str, list[Any]]:
    with shop.session() as session:
        return {
            table.name: list(session.execute(select(table)).all())
            for table in Table.metadata.sorted_tables
        }


def test_a_policy_may_approve_by_itself(shop: Shop) -> None:
    shop.auto_approve(500)
    shop.sell("o1", order_body((3, 1500)))
    case = shop.apply(request_body((1, 1)))
    assert (case.stage, case.approved, case.version) == ("paying", 500, 2)
    dearer = shop.apply(request_body((1, 2)))
    assert dearer.stage == "awaiting_audit"


def test_a_line_of_80995_units_takes_as_many_statements_as_one_of_two(shop: Shop) -> None:
    assert _statements_to_open(shop, "big", 80_995) == _statements_to_open(shop, "small", 2)


def _statements_to_open(shop: Shop, order_id: str, quantity: int) -> int:
    """What it takes to open a case on half the line, beside a part payment of the whole."""
    shop.sell(order_id, order_body((quantity, 8_099_500)))
    till = Till(shop)
    whole = shop.apply(request_body((1, quantity), order_id=order_id, amount=500))
    shop.approve(whole.case_id)
    till.pay(whole.case_id)
    statements: list[str] = []

    def note(*arguments: Any) -> None:
        statements.append(arguments[2])

    event.listen(shop.database.engine, "before_cursor_execute", note)
    shop.apply(request_body((1, quantity // 2), order_id=order_id))
    event.remove(shop.database.engine, "before_cursor_execute", note)
    return len(statements)
