"""Bills, for errands: opened at a gateway, asked about, cancelled, and paid back."""

from dataclasses import replace

from domain.bills import BillState
from domain.payouts import Move
from gateways.checkout import Bill, Billing
from gateways.testimony import Instruction, PayoutGateway, Testimony, Verdict
from store.goods.bills import Billed
from store.goods.errands import Errand


class Bills:
    """`billing` takes money in; `refunds` gives it back to what it was paid with."""

    def __init__(self, billing: Billing, refunds: PayoutGateway) -> None:
        self._billing = billing
        self._refunds = refunds

    def open(self, errand: Errand) -> Testimony:
        """A page where the buyer can pay."""
        bill = _bill(errand)
        if errand.move is Move.SEND:
            return self._billing.open(bill)
        return self._billing.ask(bill, None)

    def ask(self, errand: Errand) -> Testimony:
        """What became of it. To repeat the question is harmless."""
        return self._billing.ask(_bill(errand), _billed(errand).reference)

    def cancel(self, errand: Errand) -> Testimony:
        """It can be paid no more; or what became of it, if that came first."""
        bill, reference = _bill(errand), _billed(errand).reference
        if errand.move is Move.SEND and reference:
            return self._billing.expire(bill, reference)
        said = self._billing.ask(bill, reference)
        if said.state is BillState.OPEN:  # so nobody has cancelled it yet
            return replace(said, verdict=Verdict.NOT_FOUND)
        return said

    def repay(self, errand: Errand) -> Testimony:
        """All that was paid, to what it was paid with."""
        billed = _billed(errand)
        assert billed.payment is not None  # only what was paid is paid back
        instruction = Instruction(
            key=errand.key,
            payout_id=str(errand.effect_id),
            case_id=str(errand.case_id),
            order_id=errand.order_id,
            payment=billed.payment,
            amount=billed.amount,
            currency=billed.currency,
        )
        if errand.move is Move.SEND:
            return self._refunds.send(instruction)
        return self._refunds.ask(instruction)


def _billed(errand: Errand) -> Billed:
    assert errand.bill is not None  # errands of bills are about one
    return errand.bill


def _bill(errand: Errand) -> Bill:
    billed = _billed(errand)
    return Bill(
        key=billed.key,
        case_id=str(errand.case_id),
        order_id=errand.order_id,
        amount=billed.amount,
        currency=billed.currency,
        expires_at=billed.expires_at,
        what=billed.what,
    )
