"""What do staff see of a case that its storefront does not? Where its money and its goods go, and
what keeps it.
"""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel

from api.instants import Instant
from domain.effects import EffectAction, EffectState
from store.attention import attention_of
from store.case_records import CaseRecord
from store.tables import Case, Effect


class PayoutToAnswer(BaseModel):
    """Where the money goes. Of a card its last digits, and never its token."""

    kind: Literal["original", "bank_card", "store_credit"]
    last4: str | None


class AddressAnswer(BaseModel):
    """Where the goods are."""

    name: str
    phone: str
    lines: list[str]
    city: str
    region: str | None
    postal_code: str | None
    country: str


class EffectAnswer(BaseModel):
    """Something an outside party does for the case that is not money. `code` says what it answered
    last, where it did not do it; `since` when it came to this state, null if it was cancelled;
    `reference` is the party's own.
    """

    effect_id: UUID
    action: EffectAction
    state: EffectState
    code: str
    since: Instant | None
    reference: str | None


STAFF_FIELDS = ("payout_to", "address", "attention", "effects")
"""Of a case's answer: a storefront's has none of them."""


def staff_fields(record: CaseRecord, now: datetime) -> dict[str, Any]:
    """What each of `STAFF_FIELDS` shows."""
    case = record.case
    effects = record.goods.effects if record.goods else []
    return {
        "payout_to": PayoutToAnswer(kind=case.payout_to, last4=case.payout_last4),
        "address": _address(case),
        "attention": attention_of(case, effects, now),
        "effects": [_effect(effect) for effect in effects],
    }


def _address(case: Case) -> AddressAnswer | None:
    if case.address is None:
        return None
    return AddressAnswer(**{name: case.address.get(name) for name in AddressAnswer.model_fields})


def _effect(effect: Effect) -> EffectAnswer:
    return EffectAnswer(
        effect_id=effect.effect_id,
        action=EffectAction(effect.action),
        state=EffectState(effect.state),
        code=effect.code,
        since=effect.since,
        reference=effect.reference,
    )
