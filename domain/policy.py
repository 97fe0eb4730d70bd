"""What the shop allows: windows, reasons and who is at fault, deadlines, who decides alone.

Read from `policy.toml` (or the file that AFTERSALES_POLICY names) and asked as pure functions.
"""

import hashlib
import tomllib
from datetime import date, datetime
from functools import cached_property
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import Field, PrivateAttr

from domain.cases import Kind
from domain.days import days_between
from domain.deadlines import Deadlines
from domain.messages import Reason
from domain.policy_parts import (
    Anchor,
    AutoApproval,
    Currency,
    FinalSale,
    Limits,
    Parcels,
    Part,
    Payouts,
    PolicyApprovals,
    Ratings,
    Reasons,
    Repairs,
    Submissions,
    Trusted,
    Uploads,
    Warehouse,
    Window,
)
from domain.refusals import Refusal, Why
from domain.repairs import may_be_covered

Above = Annotated[int, Field(ge=0)]


class Dates(Part):
    """When an order was placed, sent and delivered; what windows are counted from."""

    ordered_at: datetime
    shipped_at: datetime | None = None
    delivered_at: datetime | None = None

    def of(self, anchor: Anchor) -> datetime | None:
        match anchor:
            case Anchor.ORDER:
                return self.ordered_at
            case Anchor.SHIPMENT:
                return self.shipped_at
            case Anchor.DELIVERY:
                return self.delivered_at


class Goods(Part):
    """What the policy looks at in an order line."""

    line: int
    category: str | None = None
    returnable: bool = True
    warranty_until: date | None = None
    delivered_at: datetime | None = None
    """Its own, where it came apart from the rest of the order."""


class Policy(Part):
    second_approval_above: Above | dict[Currency, Above]
    timezone: ZoneInfo = ZoneInfo("UTC")
    deadlines: Deadlines
    limits: Limits
    windows: dict[Kind, Window]
    reasons: Reasons
    final_sale: FinalSale
    auto_approval: AutoApproval = AutoApproval()
    parcels: Parcels
    repairs: Repairs
    trusted: Trusted
    warehouse: Warehouse
    submissions: Submissions = Submissions()
    ratings: Ratings = Ratings()
    uploads: Uploads = Uploads()
    payouts: Payouts = Payouts()
    raw_signals: bool = True
    """Whether signals that people send to Temporal by hand count: said by the settings, whatever
    the policy's text says.
    """
    _text: str = PrivateAttr("")

    @cached_property
    def version(self) -> str:
        """Names this text, so that a case can say under which rules it was opened."""
        return hashlib.sha256(self._text.encode()).hexdigest()[:12]

    def seller_at_fault(self, reason: Reason) -> bool:
        return reason in self.reasons.seller_at_fault

    def judge(
        self, kind: Kind, reason: Reason, goods: list[Goods], dates: Dates, now: datetime
    ) -> None:
        """Raise Refusal(not-eligible) with the rule that forbids this case; else return."""
        if len(goods) > self.limits.lines_per_case:
            raise _not_eligible("lines_per_case", f"at most {self.limits.lines_per_case} lines")
        if reason not in self.reasons.of(kind):
            raise _not_eligible("reason", f"{reason} is no reason for a {kind}")
        for item in goods:
            self._judge_goods(reason, item)
            self._judge_window(kind, item, dates, now)

    def _judge_goods(self, reason: Reason, item: Goods) -> None:
        final = not item.returnable or item.category in self.final_sale.categories
        if final and reason in self.final_sale.refused_for:
            raise _not_eligible("final_sale", f"line {item.line} is final sale for {reason}")

    def _judge_window(self, kind: Kind, item: Goods, dates: Dates, now: datetime) -> None:
        until = item.warranty_until
        if kind is Kind.REPAIR and until and may_be_covered(until, now, self.timezone):
            return
        window = self.windows[kind]
        period = window.categories.get(item.category or "", window)
        own = item.delivered_at if period.anchor is Anchor.DELIVERY else None
        begun = own or dates.of(period.anchor)
        if period.days and begun and days_between(begun, now, self.timezone) > period.days:
            raise _not_eligible(
                "window", f"line {item.line}: {period.days} days from {period.anchor} are over"
            )

    def approvers(self, order_total: int, currency: str, *, bank_card: bool) -> int:
        """How many different people have to approve what an order comes to, in minor units: what
        was paid and approved on it, with the amount to be approved. Always two for a currency that
        the policy's table of them lacks.
        """
        above = self.second_approval_above
        if isinstance(above, dict):
            above = above.get(currency, -1)
        return 2 if bank_card or order_total > above else 1

    def auto_approval_caps(
        self, kind: Kind, reason: Reason, amount: int, currency: str
    ) -> PolicyApprovals | None:
        """How much may be approved without a person in sum, if this case may be; None where a
        person decides whatever was approved before, as of a currency that one of the caps lacks.
        """
        auto = self.auto_approval
        sums = (auto.per_order, auto.per_buyer, auto.per_day)
        if not all(currency in caps for caps in (auto.up_to, *sums)):
            return None
        if kind not in auto.kinds or reason not in auto.reasons or amount > auto.up_to[currency]:
            return None
        return PolicyApprovals(*(caps[currency] for caps in sums))

    def refunds_first(self, amount: int, currency: str, good_returns: int) -> bool:
        """True if a buyer with so many good returns gets this amount before the goods are back."""
        trusted = self.trusted
        known = 0 < trusted.good_returns <= good_returns
        return known and 0 < amount <= trusted.up_to.get(currency, 0)


def _not_eligible(rule: str, detail: str) -> Refusal:
    return Refusal(Why.NOT_ELIGIBLE, f"{rule}: {detail}", rule=rule)


def parse(text: str) -> Policy:
    """The policy in this TOML text. Raises ValueError where it is not of the form."""
    policy = Policy.model_validate(tomllib.loads(text))
    missing = [kind for kind in Kind if kind not in policy.windows]
    if missing:
        raise ValueError(f"no window for {', '.join(missing)}")
    policy._text = text
    return policy
