"""Does the policy allow what its text says, and refuse a text that says nothing sensible?"""

from datetime import UTC, date, datetime, timedelta
from importlib.resources import files
from typing import Any

import pytest

from domain.cases import Kind
from domain.messages import Reason
from domain.policy import Dates, Goods, Policy, parse
from domain.policy_parts import AutoApproval, PolicyApprovals
from domain.refusals import Refusal, Why

TEXT = (files("domain") / "policy.toml").read_text(encoding="utf-8")
DEFAULT = parse(TEXT)
NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
MIDNIGHT = NOW.replace(hour=0)
SECOND = timedelta(seconds=1)


def with_changes(*changes: tuple[str, str]) -> Policy:
    """The default policy with pieces of its text replaced, each of which has to be there."""
    text = TEXT
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    return parse(text)


def rule_against(
    rules: Policy = DEFAULT,
    *,
    kind: Kind = Kind.REFUND,
    reason: Reason = Reason.DAMAGED,
    goods: list[Goods] | None = None,
    ordered: datetime = NOW,
    shipped: datetime | None = None,
    delivered: datetime | None = None,
    now: datetime = NOW,
) -> str | None:
    """The rule that refuses such a case, None if it is allowed."""
    dates = Dates(ordered_at=ordered, shipped_at=shipped, delivered_at=delivered)
    try:
        rules.judge(kind, reason, goods or [Goods(line=1)], dates, now)
    except Refusal as refusal:
        return str(refusal.extra["rule"])
    return None


def test_a_refusal_names_its_rule() -> None:
    with pytest.raises(Refusal) as refusal:
        DEFAULT.judge(
            Kind.REFUND, Reason.WARRANTY_FAULT, [Goods(line=1)], Dates(ordered_at=NOW), NOW
        )
    assert refusal.value.why is Why.NOT_ELIGIBLE
    assert refusal.value.extra == {"rule": "reason"}
    assert refusal.value.detail == "reason: warranty_fault is no reason for a refund"


@pytest.mark.parametrize(
    ("kind", "days"),
    [(Kind.REFUND, 30), (Kind.RETURN, 30), (Kind.EXCHANGE, 30), (Kind.REPAIR, 365)],
)
def test_a_window_ends_with_the_day_that_is_so_many_after_delivery(kind: Kind, days: int) -> None:
    first = MIDNIGHT - timedelta(days=days)
    assert rule_against(kind=kind, delivered=first) is None
    assert rule_against(kind=kind, delivered=first - SECOND) == "window"


@pytest.mark.parametrize(
    ("timezone", "delivered", "last"),
    [
        ("UTC", "2026-10-01T23:59:59Z", "2026-10-31T23:59:59Z"),
        ("America/New_York", "2026-10-02T03:59:59Z", "2026-11-01T03:59:59Z"),
        ("Asia/Shanghai", "2026-10-01T16:00:00Z", "2026-11-01T15:59:59Z"),
        ("Pacific/Kiritimati", "2026-10-01T10:00:00Z", "2026-11-01T09:59:59Z"),
        # The clocks go back within the window, or on its last day: it has 25 hours.
        ("Europe/London", "2026-10-09T23:00:00Z", "2026-11-09T23:59:59Z"),
        ("Europe/London", "2026-09-24T23:00:00Z", "2026-10-25T23:59:59Z"),
        # ... and forward: the last day has 23; in Beirut its first hour is missing.
        ("Europe/London", "2026-02-27T00:00:00Z", "2026-03-29T22:59:59Z"),
        ("Asia/Beirut", "2026-02-26T22:00:00Z", "2026-03-29T20:59:59Z"),
    ],
)
def test_its_days_are_those_of_the_shop(timezone: str, delivered: str, last: str) -> None:
    rules = with_changes(('timezone = "UTC"', f'timezone = "{timezone}"'))
    begun, end = datetime.fromisoformat(delivered), datetime.fromisoformat(last)
    assert rule_against(rules, delivered=begun, now=end) is None
    assert rule_against(rules, delivered=begun, now=end + SECOND) == "window"


def test_a_line_that_came_by_itself_has_a_window_of_its_own() -> None:
    young, old = NOW - timedelta(days=1), NOW - timedelta(days=40)
    assert rule_against(delivered=old, goods=[Goods(line=1, delivered_at=young)]) is None
    assert rule_against(delivered=young, goods=[Goods(line=1, delivered_at=old)]) == "window"
    assert rule_against(delivered=None, goods=[Goods(line=1, delivered_at=old)]) == "window"
    together = [Goods(line=1, delivered_at=young), Goods(line=2)]
    assert rule_against(delivered=old, goods=together) == "window"
    rules = with_changes(('days = 30\nanchor = "delivery"', 'days = 30\nanchor = "order"'))
    assert rule_against(rules, ordered=old, goods=[Goods(line=1, delivered_at=young)]) == "window"


def test_a_window_has_not_begun_before_delivery() -> None:
    assert rule_against(ordered=NOW - timedelta(days=3650), delivered=None) is None


def test_a_repair_may_be_asked_for_until_warranty_and_window_are_both_over() -> None:
    old, young = NOW - timedelta(days=400), NOW - timedelta(days=100)
    over = Goods(line=1, warranty_until=NOW.date() - timedelta(days=1))
    live = Goods(line=1, warranty_until=NOW.date())
    assert rule_against(kind=Kind.REPAIR, goods=[live], delivered=old) is None
    assert rule_against(kind=Kind.REPAIR, goods=[over], delivered=young) is None
    assert rule_against(kind=Kind.REPAIR, goods=[over], delivered=old) == "window"
    assert rule_against(kind=Kind.RETURN, goods=[live], delivered=old) == "window"


def test_a_warranty_ends_with_its_last_day_where_the_shop_is() -> None:
    rules = with_changes(('timezone = "UTC"', 'timezone = "America/New_York"'))
    goods = [Goods(line=1, warranty_until=date(2026, 11, 23))]
    old = NOW - timedelta(days=400)
    end = datetime(2026, 11, 24, 5, tzinfo=UTC)
    ask: dict[str, Any] = {"kind": Kind.REPAIR, "goods": goods, "delivered": old}
    assert rule_against(rules, **ask, now=end - SECOND) is None
    assert rule_against(rules, **ask, now=end) == "window"


def test_a_category_can_have_a_window_and_an_anchor_of_its_own() -> None:
    rules = with_changes(("# categories.electronics", "categories.electronics"))
    phone, book = Goods(line=1, category="electronics"), Goods(line=2, category="books")
    old = NOW - timedelta(days=15)
    dates: dict[str, Any] = {"shipped": old, "delivered": old}
    assert rule_against(rules, goods=[phone], **dates) == "window"
    assert rule_against(rules, goods=[book], **dates) is None
    assert rule_against(rules, goods=[book, phone], **dates) == "window"
    assert rule_against(rules, goods=[phone], delivered=old) is None


@pytest.mark.parametrize("anchor", ["order", "shipment"])
def test_a_window_can_be_counted_from_another_date(anchor: str) -> None:
    rules = with_changes(('days = 30\nanchor = "delivery"', f'days = 30\nanchor = "{anchor}"'))
    old = NOW - timedelta(days=31)
    dates: dict[str, Any] = {"ordered": old} if anchor == "order" else {"shipped": old}
    assert rule_against(rules, **dates, delivered=NOW) == "window"
    assert rule_against(rules, kind=Kind.RETURN, **dates, delivered=NOW) is None


def test_no_days_mean_no_window() -> None:
    rules = with_changes(("days = 30", "days = 0"))
    assert rule_against(rules, delivered=NOW - timedelta(days=9999)) is None


@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        (Kind.REFUND, Reason.WARRANTY_FAULT),
        (Kind.RETURN, Reason.NOT_RECEIVED),
        (Kind.EXCHANGE, Reason.LATE),
        (Kind.REPAIR, Reason.CHANGED_MIND),
    ],
)
def test_a_reason_has_to_fit_the_kind(kind: Kind, reason: Reason) -> None:
    assert rule_against(kind=kind, reason=reason) == "reason"


@pytest.mark.parametrize(
    "goods",
    [
        Goods(line=1, returnable=False),
        Goods(line=1, category="final_sale"),
        Goods(line=1, category="hygiene"),
    ],
)
def test_final_sale_holds_against_a_change_of_mind_but_not_against_a_fault(goods: Goods) -> None:
    for reason in (Reason.CHANGED_MIND, Reason.SIZE_OR_FIT):
        assert rule_against(goods=[goods], reason=reason) == "final_sale"
    for reason in (Reason.DAMAGED, Reason.OTHER):
        assert rule_against(goods=[goods], reason=reason) is None


def test_a_case_has_only_so_many_lines() -> None:
    most = [Goods(line=n) for n in range(1, 501)]
    assert rule_against(goods=most) is None
    assert rule_against(goods=[*most, Goods(line=501)]) == "lines_per_case"


@pytest.mark.parametrize("reason", list(Reason))
def test_the_seller_is_at_fault_for_what_the_contract_says(reason: Reason) -> None:
    buyers_choice = {Reason.CHANGED_MIND, Reason.SIZE_OR_FIT, Reason.OTHER, Reason.WARRANTY_FAULT}
    assert DEFAULT.seller_at_fault(reason) is (reason not in buyers_choice)


def test_two_people_approve_above_the_limit_and_for_every_bank_card() -> None:
    assert DEFAULT.approvers(100_000, "GBP", bank_card=False) == 1
    assert DEFAULT.approvers(100_001, "GBP", bank_card=False) == 2
    assert DEFAULT.approvers(1, "GBP", bank_card=True) == 2


def test_a_currency_that_the_table_of_second_approvals_lacks_always_needs_two() -> None:
    by_currency = TEXT.replace(
        "second_approval_above = 100_000", "second_approval_above = { GBP = 500, JPY = 0 }"
    )
    rules = parse(by_currency)
    needed = {
        (amount, currency): rules.approvers(amount, currency, bank_card=False)
        for amount, currency in ((500, "GBP"), (501, "GBP"), (0, "JPY"), (1, "JPY"), (1, "EUR"))
    }
    assert list(needed.values()) == [1, 2, 1, 2, 2]


AUTO = """
[auto_approval]
reasons = ["damaged"]
up_to = { GBP = 1500, EUR = 1500 }
per_order = { GBP = 3000, EUR = 3000 }
per_buyer = { GBP = 6000, EUR = 6000 }
per_day = { GBP = 90_000, JPY = 90_000 }
"""


def with_auto_approval(text: str = AUTO) -> Policy:
    start, end = TEXT.index("[auto_approval]"), TEXT.index("# Buyers who get the money")
    return parse(TEXT[:start] + text + TEXT[end:])


def caps(
    rules: Policy,
    amount: int = 1500,
    kind: Kind = Kind.REFUND,
    reason: Reason = Reason.DAMAGED,
    currency: str = "GBP",
) -> PolicyApprovals | None:
    return rules.auto_approval_caps(kind, reason, amount, currency)


def test_nothing_approves_itself_by_default() -> None:
    assert not any(caps(DEFAULT, 0, kind, reason) for kind in Kind for reason in Reason)
    assert DEFAULT.auto_approval == AutoApproval()


def test_a_policy_approves_some_refunds_by_itself_up_to_an_amount() -> None:
    rules = with_auto_approval()
    assert caps(rules, 1500) == PolicyApprovals(3000, 6000, 90_000)
    assert caps(rules, 1501) is None
    assert caps(rules, 1, reason=Reason.CHANGED_MIND) is None


@pytest.mark.parametrize("kind", [Kind.RETURN, Kind.EXCHANGE, Kind.REPAIR])
def test_a_policy_approves_other_kinds_by_itself_only_where_it_names_them(kind: Kind) -> None:
    assert caps(with_auto_approval(), kind=kind) is None
    assert caps(with_auto_approval(AUTO + f'kinds = ["{kind}"]\n'), kind=kind)


def test_a_currency_that_one_cap_lacks_is_left_to_people() -> None:
    assert caps(with_auto_approval(), 1, currency="EUR") is None
    assert caps(with_auto_approval(), 1, currency="JPY") is None


def test_caps_allow_up_to_and_with_each_of_them() -> None:
    most = PolicyApprovals(on_order=10, of_buyer=20, in_day=30)
    assert most.allow(2, PolicyApprovals(8, 18, 28))
    assert not most.allow(2, PolicyApprovals(9, 0, 0))
    assert not most.allow(2, PolicyApprovals(0, 19, 0))
    assert not most.allow(2, PolicyApprovals(0, 0, 29))


def test_nobody_is_refunded_before_the_goods_are_back_by_default() -> None:
    assert not DEFAULT.refunds_first(1, "GBP", good_returns=1000)


def test_buyers_with_enough_good_returns_are_refunded_first_up_to_an_amount() -> None:
    rules = with_changes(
        ("good_returns = 0", "good_returns = 3"),
        (
            "up_to = {}             # minor units by currency, as { GBP = 5",
            "up_to = { GBP = 5000 } # ",
        ),
    )
    assert rules.refunds_first(5000, "GBP", good_returns=3)
    assert not rules.refunds_first(5000, "GBP", good_returns=2)
    assert not rules.refunds_first(5001, "GBP", good_returns=3)
    assert not rules.refunds_first(0, "GBP", good_returns=3)
    assert not rules.refunds_first(1, "EUR", good_returns=3)


def test_the_defaults_are_those_of_the_contract() -> None:
    assert DEFAULT.second_approval_above == 100_000
    assert DEFAULT.deadlines.audit == 48


def test_the_version_names_the_text() -> None:
    assert parse(TEXT).version == DEFAULT.version
    assert parse(TEXT + "\n# a remark\n").version != DEFAULT.version
    assert len(DEFAULT.version) == 12


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        ("second_approval_above = 100_000", "", "second_approval_above"),
        ("second_approval_above = 100_000", "second_approval_above = -1", "second_approval_above"),
        ('timezone = "UTC"', 'timezone = "Mars/Olympus"', "timezone"),
        ('timezone = "UTC"', 'timezone = "+02:00"', "timezone"),
        ('timezone = "UTC"', 'timezone = "../etc/passwd"', "timezone"),
        ('timezone = "UTC"', "timezone = 2", "timezone"),
        ("audit = 48 ", "audit = 0 ", "deadlines.audit"),
        ("audit = 48 ", 'audit = "soon" ', "deadlines.audit"),
        ("days = 30", "days = -1", "windows.refund.days"),
        ('anchor = "delivery"', 'anchor = "birthday"', "windows.refund.anchor"),
        ("[windows.repair]", "[windows.rental]", "windows"),
        ('refund   = ["damaged"', 'refund   = ["bored"', "reasons.refund"),
        ("[limits]", "[limits]\nlines = 5", "limits.lines"),
        ("up_to = {}", "up_to = { GBP = -1 }", "auto_approval.up_to.GBP"),
        ("per_buyer = {}", "per_buyer = { pounds = 1 }", "auto_approval.per_buyer.pounds"),
        ('kinds = ["refund"]', 'kinds = ["rental"]', "auto_approval.kinds"),
    ],
)
def test_a_text_of_another_form_is_refused_by_the_name_of_its_fault(
    old: str, new: str, named: str
) -> None:
    with pytest.raises(ValueError, match=named.replace(".", r"\.")):
        with_changes((old, new))


def test_a_kind_without_a_window_is_refused() -> None:
    start = TEXT.index("[windows.repair]")
    end = TEXT.index("[reasons]")
    with pytest.raises(ValueError, match="no window for repair"):
        parse(TEXT[:start] + TEXT[end:])


def test_a_text_that_is_no_toml_is_refused() -> None:
    with pytest.raises(ValueError, match="line 1"):
        parse("second_approval_above 100")
