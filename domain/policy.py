"""What the shop allows: windows, reasons and who is at fault, deadlines, who decides alone.

Read from `policy.toml` (or the file that AFTERSALES_POLICY names) and asked as pure functions.
"""

import hashlib
import tomllib
from datetime import date, datetime, timedelta
from enum import StrEnum
from functools import cached_property
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, PrivateAttr

from domain.cases import Kind, Stage, WaitingFor
from domain.messages import Reason
from domain.refusals import Refusal, Why
from domain.repairs import may_be_covered
from domain.submissions import SubmissionStage

Hours = Annotated[int, Field(gt=0, le=24 * 365)]
Days = Annotated[int, Field(gt=0, le=365)]


SATURDAY = 5


class Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Anchor(StrEnum):
    ORDER = "order"
    SHIPMENT = "shipment"
    DELIVERY = "delivery"


class Period(Part):
    days: Annotated[int, Field(ge=0)]
    anchor: Anchor


class Window(Period):
    """The kind's period, and others for some categories."""

    categories: dict[str, Period] = {}


class Deadlines(Part):
    """How long each wait may last. Hours, or days where the name says so."""

    audit: Hours
    reminder: Hours
    attention: Hours
    payout: Hours
    parcel_sent_days: Days
    parcel_silent_days: Days
    inspection_working_days: Days
    diagnosis_working_days: Days
    repair_days: Days
    offer_days: Days
    stock_days: Days
    hold_days: Days
    difference_days: Days

    def due(self, stage: Stage, waiting_for: WaitingFor | None, now: datetime) -> datetime:
        """Until when a case that enters this stage now may wait in it for them."""
        match stage, waiting_for:
            case Stage.PAYING, _:
                return now + timedelta(hours=self.payout)
            case Stage.NEEDS_ATTENTION, _:
                return now + timedelta(hours=self.attention)
            case Stage.AWAITING_PARCEL, WaitingFor.BUYER:
                return now + timedelta(days=self.parcel_sent_days)
            case ((Stage.AWAITING_PARCEL | Stage.SHIPPING), _):
                return now + timedelta(days=self.parcel_silent_days)
            case Stage.AWAITING_INSPECTION, WaitingFor.WAREHOUSE:
                return working_days_after(now, self.inspection_working_days)
            case Stage.AWAITING_BUYER, _:
                return now + timedelta(days=self.offer_days)
            case Stage.AWAITING_STOCK, _:
                return now + timedelta(days=self.stock_days)
            case Stage.IN_REPAIR, _:
                return working_days_after(now, self.diagnosis_working_days)
            case _:
                return now + timedelta(hours=self.audit)

    def repaired_by(self, now: datetime) -> datetime:
        """Until when work that is ordered now may last: `due` is for the diagnosis before it."""
        return now + timedelta(days=self.repair_days)

    def remind(
        self, stage: Stage, waiting_for: WaitingFor | None, now: datetime, due: datetime
    ) -> datetime | None:
        """When they are first reminded: staff some time after it began, buyers, carriers and
        technicians before it ends. Nobody is reminded of money on its way.
        """
        early = timedelta(hours=self.reminder)
        match stage, waiting_for:
            case Stage.PAYING, _:
                return None
            case Stage.NEEDS_ATTENTION, _:
                return due
            case (_, WaitingFor.BUYER) | (Stage.IN_REPAIR, _):
                return max(now, due - early)
            case _, WaitingFor.CARRIER:
                return due
            case _:
                return min(now + early, due)


class Limits(Part):
    lines_per_case: Annotated[int, Field(gt=0)]
    open_cases_per_order: Annotated[int, Field(gt=0)]


class Reasons(Part):
    refund: frozenset[Reason]
    return_: Annotated[frozenset[Reason], Field(alias="return")]
    exchange: frozenset[Reason]
    repair: frozenset[Reason]
    seller_at_fault: frozenset[Reason]

    def of(self, kind: Kind) -> frozenset[Reason]:
        match kind:
            case Kind.REFUND:
                return self.refund
            case Kind.RETURN:
                return self.return_
            case Kind.EXCHANGE:
                return self.exchange
            case Kind.REPAIR:
                return self.repair


class FinalSale(Part):
    categories: frozenset[str]
    refused_for: frozenset[Reason]


class AutoApproval(Part):
    reasons: frozenset[Reason]
    up_to: dict[str, Annotated[int, Field(ge=0)]]


Printed = Annotated[str, Field(pattern=r"^[!-~\u00a1-\u024f][ -~\u00a0-\u024f]{0,34}$")]
"""At most 35 Latin characters: what every carrier takes and the label's type can print."""


class Warehouse(Part):
    """Where parcels are sent back to, as it stands on labels and in what carriers are asked."""

    name: Printed
    phone: Annotated[str, Field(pattern=r"^\+?[0-9][0-9 ()/-]{4,19}$")]
    lines: Annotated[tuple[Printed, ...], Field(min_length=1, max_length=3)]
    city: Printed
    region: Printed | None = None
    postal_code: Printed | None = None
    country: Annotated[str, Field(pattern="^[A-Z]{2}$")]  # ISO 3166-1 alpha-2


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


class OnLapse(StrEnum):
    """What becomes of an offer that the buyer did not answer in time."""

    SEND_BACK = "send_back"
    PAY = "pay"


class Parcels(Part):
    """How goods come in, and who bears their loss on the way."""

    pickup: bool
    lost_pays: bool
    offer_lapses: OnLapse


class Pay(StrEnum):
    """When the buyer pays for a repair that the warranty does not cover."""

    BEFORE = "before"
    AFTER = "after"


class Repairs(Part):
    """What repairs cost the buyer, and what there is instead of one."""

    pay: Pay
    payment_days: Days
    diagnosis_fee: dict[str, Annotated[int, Field(gt=0)]]
    remedy_uncovered: bool
    third_failure_days: Days


class Trusted(Part):
    """Whose returns are refunded before the goods are back."""

    good_returns: Annotated[int, Field(ge=0)]
    up_to: dict[str, Annotated[int, Field(gt=0)]]


class Submissions(Part):
    """How long reviews and feedback may wait, and what reviews wait for."""

    audit: Hours = 48
    answer: Hours = 48
    hold_for_cases: bool = True
    hold_days: Days = 30
    appeal_days: Days = 14
    buyer_days: Days = 7

    def lasts(self, stage: SubmissionStage) -> timedelta:
        """How long one that enters this stage may wait in it."""
        match stage:
            case SubmissionStage.ON_HOLD:
                return timedelta(days=self.hold_days)
            case SubmissionStage.AWAITING_ANSWER:
                return timedelta(hours=self.answer)
            case SubmissionStage.AWAITING_BUYER:
                return timedelta(days=self.buyer_days)
            case _:
                return timedelta(hours=self.audit)


class Ratings(Part):
    """How far a product's figures trust few reviews (`domain.ratings`)."""

    prior_mean: Annotated[float, Field(ge=1, le=5)] = 3.0
    prior_weight: Annotated[float, Field(gt=0)] = 5.0
    standard_errors: Annotated[float, Field(gt=0, le=10)] = 1.96


class Uploads(Part):
    """How long a photo that nothing names is kept."""

    unused_days: Days = 30


class Policy(Part):
    second_approval_above: Annotated[int, Field(ge=0)]
    deadlines: Deadlines
    limits: Limits
    windows: dict[Kind, Window]
    reasons: Reasons
    final_sale: FinalSale
    auto_approval: AutoApproval
    parcels: Parcels
    repairs: Repairs
    trusted: Trusted
    warehouse: Warehouse
    submissions: Submissions = Submissions()
    ratings: Ratings = Ratings()
    uploads: Uploads = Uploads()
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
        if kind is Kind.REPAIR and item.warranty_until and may_be_covered(item.warranty_until, now):
            return
        window = self.windows[kind]
        period = window.categories.get(item.category or "", window)
        begun = dates.of(period.anchor)
        if period.days and begun and now > begun + timedelta(days=period.days):
            raise _not_eligible(
                "window", f"line {item.line}: {period.days} days from {period.anchor} are over"
            )

    def approvers(self, amount: int, *, bank_card: bool) -> int:
        """How many different people have to approve this amount, in minor units."""
        return 2 if bank_card or amount > self.second_approval_above else 1

    def approves_itself(self, reason: Reason, amount: int, currency: str) -> bool:
        """True if the policy decides such a case without a person."""
        auto = self.auto_approval
        return reason in auto.reasons and amount <= auto.up_to.get(currency, -1)

    def refunds_first(self, amount: int, currency: str, good_returns: int) -> bool:
        """True if a buyer with so many good returns gets this amount before the goods are back."""
        trusted = self.trusted
        known = 0 < trusted.good_returns <= good_returns
        return known and 0 < amount <= trusted.up_to.get(currency, 0)


def working_days_after(start: datetime, days: int) -> datetime:
    """The same time of day so many working days (Monday to Friday, UTC) later."""
    moment = start
    while days:
        moment += timedelta(days=1)
        if moment.weekday() < SATURDAY:
            days -= 1
    return moment


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
