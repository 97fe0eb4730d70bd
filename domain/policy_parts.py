"""The parts of `policy.toml`, each as it is written there; `domain.policy` asks them."""

from datetime import timedelta
from enum import StrEnum
from typing import Annotated, NamedTuple

from pydantic import BaseModel, ConfigDict, Field

from domain.cases import Kind
from domain.messages import Reason
from domain.submissions import SubmissionStage

Hours = Annotated[int, Field(gt=0, le=24 * 365)]
Days = Annotated[int, Field(gt=0, le=365)]
Currency = Annotated[str, Field(pattern="^[A-Z]{3}$")]


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


class Limits(Part):
    """`per_order` and `per_day`: how many times their limit one person may approve on an order, and
    on a day of the policy's time zone.
    """

    lines_per_case: Annotated[int, Field(gt=0)]
    open_cases_per_order: Annotated[int, Field(gt=0)]
    per_order: Annotated[int, Field(ge=1, le=1000)] = 1
    per_day: Annotated[int, Field(ge=1, le=1000)] = 4


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


class PolicyApprovals(NamedTuple):
    """Amounts that the policy approved without a person, or may: minor units of one currency."""

    on_order: int
    of_buyer: int
    in_day: int

    def allow(self, amount: int, before: "PolicyApprovals") -> bool:
        """True if these caps allow one more approval, of this amount."""
        return all(sum_ + amount <= cap for sum_, cap in zip(before, self, strict=True))


Caps = dict[Currency, Annotated[int, Field(ge=0)]]


class AutoApproval(Part):
    """What the policy approves without a person: cases of these kinds and reasons, each `up_to` an
    amount, and no more in sum on one order, of one buyer, and in one day of its time zone.
    """

    kinds: frozenset[Kind] = frozenset({Kind.REFUND})
    reasons: frozenset[Reason] = frozenset()
    up_to: Caps = {}
    per_order: Caps = {}
    per_buyer: Caps = {}
    per_day: Caps = {}


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


class Payouts(Part):
    """What people may do about money that no gateway tells of."""

    doubt_hours: Annotated[int, Field(ge=0, le=24 * 365)] = 72
    """From when on two people may settle by hand a payout whose fate is not known."""


class Uploads(Part):
    """How long a photo that nothing names is kept."""

    unused_days: Days = 30
