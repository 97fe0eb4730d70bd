"""Bills: opened at a gateway and asked about until they are paid, cancelled, refunded."""

from dataclasses import replace

from temporalio import activity

from activities.effects import Effects
from domain.bills import BillState
from domain.cases import CaseView
from domain.effects import EffectRef
from domain.payouts import Move
from gateways import checkout
from gateways.testimony import Instruction, PayoutGateway, Testimony, Verdict
from store.goods.effect_requests import BillRequest


class Billing:
    """`pages` takes money in; `refunds` gives it back to what it was paid with."""

    def __init__(self, effects: Effects, pages: checkout.Billing, refunds: PayoutGateway) -> None:
        self._effects = effects
        self._pages = pages
        self._refunds = refunds

    @activity.defn(name="collect_bill")
    def collect_bill(self, effect: EffectRef) -> CaseView:
        """The buyer is given a page to pay at. Ends when they have paid, or when it is over."""
        return self._effects.carry_out(effect, BillRequest, self._collect)

    @activity.defn(name="check_bill")
    def check_bill(self, effect: EffectRef) -> CaseView:
        """Ask at once whether a bill that is being collected was paid: its gateway has reported."""
        return self._effects.check(effect, BillRequest, self._collect)

    @activity.defn(name="cancel_bill")
    def cancel_bill(self, effect: EffectRef) -> CaseView:
        """The bill can be paid no more; or what became of it, if that came first."""
        return self._effects.carry_out(effect, BillRequest, self._cancel)

    @activity.defn(name="refund_bill")
    def refund_bill(self, effect: EffectRef) -> CaseView:
        """All that was paid goes back to what it was paid with."""
        return self._effects.carry_out(effect, BillRequest, self._refund)

    def _collect(self, request: BillRequest) -> Testimony:
        if request.move is Move.SEND:
            return self._pages.open(_bill(request))
        return self._pages.ask(_bill(request), request.reference)

    def _cancel(self, request: BillRequest) -> Testimony:
        bill, reference = _bill(request), request.bill.reference
        if request.move is Move.SEND and reference:
            return self._pages.expire(bill, reference)
        reply = self._pages.ask(bill, reference)
        if reply.state is BillState.OPEN:  # so nobody has cancelled it yet
            return replace(reply, verdict=Verdict.NOT_FOUND)
        return reply

    def _refund(self, request: BillRequest) -> Testimony:
        assert request.bill.payment is not None  # only what was paid is refunded
        instruction = Instruction(
            key=request.key,
            payout_id=str(request.effect_id),
            case_id=str(request.case_id),
            order_id=request.order_id,
            payment=request.bill.payment,
            amount=request.bill.amount,
            currency=request.bill.currency,
        )
        if request.move is Move.SEND:
            return self._refunds.send(instruction)
        return self._refunds.ask(instruction)


def _bill(request: BillRequest) -> checkout.Bill:
    billed = request.bill
    return checkout.Bill(
        key=billed.key,
        case_id=str(request.case_id),
        order_id=request.order_id,
        amount=billed.amount,
        currency=billed.currency,
        expires_at=billed.expires_at,
        what=billed.what,
    )
