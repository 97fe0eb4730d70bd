"""What does a case look like from outside? The shapes of the contract, and who sees what."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, Field

from api.advice_answers import AdviceAnswer
from api.charge_answers import PaymentChargeAnswer
from api.event_answers import shown_actor
from api.goods_answers import (
    BillAnswer,
    GoodsAnswer,
    PhotoAnswer,
    bill_answer,
    goods_answer,
    photo_answer,
)
from api.instants import Instant
from api.sparse import Sparse
from api.staff_answers import (
    STAFF_FIELDS,
    AddressAnswer,
    EffectAnswer,
    PayoutToAnswer,
    staff_fields,
)
from domain.cases import Attention, Kind, Outcome, PayoutState, Stage, WaitingFor, workflow_id
from domain.effects import EffectDoubt
from domain.messages import Reason
from domain.people import Actor
from domain.units import Span, merged
from runtime.settings import Settings
from store.case_records import CaseRecord
from store.quotes import Quote
from store.tables import Case, Decision, Payout

Units = Annotated[list[tuple[int, int]], Field(examples=[[[1, 2]]])]
"""Ranges of units, from 1, both ends included."""


class LineAnswer(BaseModel):
    line: int
    quantity: int
    units: Units
    amount: int
    tax: int


class AmountAnswer(BaseModel):
    items: int
    shipping: int
    deductions: int
    total: int
    tax: int
    approved: int | None
    paid: int
    steps: list[str]


class PreviewAnswer(BaseModel):
    amount: AmountAnswer
    lines: list[LineAnswer]


class PayoutAnswer(BaseModel):
    payout_id: UUID
    to: Literal["original", "bank_card", "store_credit"]
    payment: str
    amount: int
    currency: str
    state: PayoutState
    reference: str | None
    settled_at: Instant | None


class DecisionAnswer(BaseModel):
    decision_id: str
    verdict: Literal["approve", "reject"]
    by: Literal["person", "policy"]
    actor: str
    amount: int | None
    reason: str | None
    note: str
    at: Instant


class CaseAnswer(Sparse):
    case_id: UUID
    storefront: str
    kind: Kind
    order_id: str
    customer_id: str
    stage: Stage
    waiting_for: WaitingFor | None
    due_at: Instant | None
    overdue: bool
    reason: Reason
    note: str
    evidence: list[PhotoAnswer] = []
    """Left out where there is none."""
    currency: str
    policy: str
    lines: list[LineAnswer]
    amount: AmountAnswer
    payouts: list[PayoutAnswer]
    decisions: list[DecisionAnswer]
    version: int
    opened_at: Instant
    closed_at: Instant | None
    outcome: Outcome | None
    workflow_id: str
    workflow_url: str
    goods: GoodsAnswer | None = None
    """Only of kinds in which something travels; so is `bill`."""
    bill: BillAnswer | None = None
    advice: AdviceAnswer | None = None
    """Only for auditors and leads, of one case, once there is some."""
    feedback_id: UUID | None = None
    """Only of a case that was made from feedback."""
    charges: list[PaymentChargeAnswer] = []
    """Only for staff, of one case, once its charges were read."""
    payout_to: PayoutToAnswer | None = None
    """Only for staff, as what follows."""
    address: AddressAnswer | None = None
    """Null where nothing travels."""
    attention: list[Attention | EffectDoubt] = []
    """Why the case needs a person: `GET /v1/cases?attention=` finds it by each."""
    effects: list[EffectAnswer] = []
    """What outside parties do for it that is not money, oldest first."""

    if_any = ("evidence", "advice", "feedback_id", "charges")

    def left_out(self) -> set[str]:
        """A refund without photos looks as the contract has it: it moves no goods."""
        unshown = super().left_out()
        if self.goods is None:
            unshown |= {"goods", "bill"}
        if self.payout_to is None:
            unshown.update(STAFF_FIELDS)
        return unshown


class CaseList(BaseModel):
    items: list[CaseAnswer]
    next: str | None


def case_answer(
    record: CaseRecord,
    reader: Actor,
    settings: Settings,
    now: datetime,
    advice: AdviceAnswer | None = None,
    charges: Sequence[PaymentChargeAnswer] = (),
) -> CaseAnswer:
    """The case as this reader may see it."""
    case = record.case
    name = workflow_id(Kind(case.kind), case.case_id)
    return CaseAnswer(
        case_id=case.case_id,
        storefront=case.storefront,
        kind=Kind(case.kind),
        order_id=case.order_id,
        customer_id=case.customer_id,
        stage=Stage(case.stage),
        waiting_for=WaitingFor(case.waiting_for) if case.waiting_for else None,
        due_at=case.due_at,
        overdue=case.due_at is not None and case.due_at <= now,
        reason=Reason(case.reason),
        note=case.note,
        evidence=[photo_answer(photo) for photo in case.evidence],
        currency=case.currency,
        policy=case.policy,
        lines=[
            LineAnswer(
                line=line.line,
                quantity=line.quantity,
                units=_pairs(units),
                amount=line.amount,
                tax=line.tax,
            )
            for line, units in record.lines
        ],
        amount=_amount(case),
        payouts=[_payout(payout, payment) for payout, payment in record.payouts],
        decisions=[_decision(decision, reader) for decision in record.decisions],
        version=case.version,
        opened_at=case.opened_at,
        closed_at=case.closed_at,
        outcome=Outcome(case.outcome) if case.outcome else None,
        workflow_id=name,
        workflow_url=settings.workflow_url(name),
        goods=goods_answer(record.goods, case) if record.goods else None,
        bill=bill_answer(record.goods.bill) if record.goods and record.goods.bill else None,
        advice=advice,
        feedback_id=record.feedback_id,
        charges=list(charges),
        **(staff_fields(record, now) if reader.role.staff else {}),
    )


def preview_answer(quoted: Quote) -> PreviewAnswer:
    """What a case would be worth, in the words of a case."""
    due = quoted.due
    return PreviewAnswer(
        amount=AmountAnswer(
            items=due.items,
            shipping=due.shipping,
            deductions=due.deductions,
            total=due.total,
            tax=due.tax,
            approved=None,
            paid=0,
            steps=list(due.steps),
        ),
        lines=[
            LineAnswer(
                line=line.row.line,
                quantity=line.quantity,
                units=_pairs(merged(piece.units for piece in line.pieces)),
                amount=line.amount,
                tax=line.tax,
            )
            for line in quoted.lines
        ],
    )


def _amount(case: Case) -> AmountAnswer:
    return AmountAnswer(
        items=case.items,
        shipping=case.shipping,
        deductions=case.deductions,
        total=case.total,
        tax=case.tax,
        approved=case.approved,
        paid=case.paid,
        steps=case.steps,
    )


def _payout(payout: Payout, payment: str) -> PayoutAnswer:
    return PayoutAnswer(
        payout_id=payout.payout_id,
        to="original" if payout.way == "offline" else payout.way,
        payment=payment,
        amount=payout.amount,
        currency=payout.currency,
        state=PayoutState(payout.state),
        reference=payout.reference,
        settled_at=payout.settled_at,
    )


def _decision(decision: Decision, reader: Actor) -> DecisionAnswer:
    return DecisionAnswer(
        decision_id=decision.decision_id,
        verdict=decision.verdict,
        by=decision.by,
        actor=shown_actor(decision.actor, decision.actor_role, reader),
        amount=decision.amount,
        reason=decision.reason,
        note=decision.note,
        at=decision.at,
    )


def _pairs(units: list[Span]) -> list[tuple[int, int]]:
    return [(span.first, span.last) for span in units]
