"""Money leaving: one step of a case's payouts, with at most one call that moves money."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from time import monotonic
from uuid import UUID

from temporalio import activity
from temporalio.exceptions import ApplicationError, ApplicationErrorCategory

from domain.cases import PayoutState
from domain.charges import Reading, Unreadable
from domain.payouts import LastWord, Move, Standing, is_quiet
from domain.policy import Policy
from gateways.answers import ECHO_MISMATCH
from gateways.testimony import (
    ChargeReader,
    Instruction,
    PayoutGateway,
    Testimony,
    TransferReader,
    Verdict,
)
from store import doubts, reconciling
from store.calls import Answer, Call
from store.charges import next_to_read
from store.clearance import ReadCharge, ReadTransfers
from store.payouts import begin, conclude
from store.session import Database

RECONCILED_AT_A_TIME = 20

READ_WITHIN = 5.5
"""Seconds that reading charges may take, so that a step with its send is over in time."""


class Payouts:
    """`gateways` by the way money goes: `original`, `bank_card`."""

    def __init__(
        self,
        database: Database,
        policy: Policy,
        gateways: Mapping[str, PayoutGateway],
        charges: ChargeReader,
        transfers: TransferReader,
        clock: Callable[[], datetime],
    ) -> None:
        self._database = database
        self._policy = policy
        self._gateways = gateways
        self._charges = charges
        self._transfers = transfers
        self._clock = clock

    @activity.defn(name="advance_payout")
    def advance_payout(self, case_id: UUID) -> Standing:
        """Take the next step of the case's payouts. Repeating it is safe at any moment.

        While the gateway owes an answer this fails as `payout-in-doubt` and is retried when it is
        time to ask again; it returns once there is an answer, or once the case is parked.
        """
        step = self._begin(case_id)
        if isinstance(step, Standing):
            return _unless_asking(step, "charge_unreadable")
        answer = self._call(step)
        standing = self._database.run(
            lambda session: conclude(session, step, answer, self._policy, self._clock())
        )
        return _unless_asking(standing, answer.code)

    def _begin(self, case_id: UUID) -> Call | Standing:
        """The call to make now, with the charges read that have to be before it."""
        begun = monotonic()
        payment = self._database.run(lambda session: next_to_read(session, case_id))
        wanted: ReadCharge | ReadTransfers | None = ReadCharge(payment) if payment else None
        readings: dict[str, Reading] = {}
        while True:
            if wanted is not None:
                readings[wanted.name] = self._read(wanted, begun)
            step = self._database.run(
                lambda session: begin(session, case_id, self._policy, self._clock(), readings)
            )
            if not isinstance(step, ReadCharge | ReadTransfers):
                return step
            wanted = step

    def _read(self, wanted: ReadCharge | ReadTransfers, begun: float) -> Reading:
        reading: Reading
        match wanted:
            case ReadCharge(payment):
                reading = self._charges.read(payment)
            case ReadTransfers(order_id):
                reading = self._transfers.of_order(order_id)
        if monotonic() - begun > READ_WITHIN:
            return Unreadable("slow")  # a send after this could outlast the activity's time
        return reading

    def reconcile(self) -> int:
        """Ask about paid payouts whether they have stayed paid; how many were asked about.

        What was taken back is reported to its case, whose workflow asks for itself.
        """
        calls = self._database.run(
            lambda session: reconciling.due(session, self._clock(), RECONCILED_AT_A_TIME)
        )
        for call in calls:
            if self._call(call).state is PayoutState.FAILED:
                self._report(call)
        return len(calls) + self._look_for_settled()

    def _look_for_settled(self) -> int:
        """Ask about payouts in doubt that were settled by hand; how many were asked about."""
        calls = self._database.run(
            lambda session: doubts.due(session, self._clock(), RECONCILED_AT_A_TIME)
        )
        for call in calls:
            self._take_down(call, self._call(call))
        return len(calls)

    def _take_down(self, call: Call, answer: Answer) -> None:
        self._database.run(lambda session: doubts.take_down(session, call, answer, self._clock()))

    def _report(self, call: Call) -> None:
        self._database.run(lambda session: reconciling.taken_back(session, call, self._clock()))

    def _call(self, call: Call) -> Answer:
        gateway = self._gateways[call.way]
        instruction = Instruction(
            key=call.gateway_key,
            payout_id=str(call.payout_id),
            case_id=str(call.case_id),
            order_id=call.order_id,
            payment=call.payment,
            amount=call.amount,
            currency=call.currency,
            reference=call.reference,
            token=call.token,
        )
        if call.move is Move.SEND:
            return _answer(call, gateway.send(instruction))
        return _answer(call, gateway.ask(instruction))


def _unless_asking(standing: Standing, code: str) -> Standing:
    if standing.asking:
        raise ApplicationError(
            f"the gateway owes an answer: {code}",
            type="payout-in-doubt",
            next_retry_delay=timedelta(seconds=standing.wake_after or 0),
            category=ApplicationErrorCategory.BENIGN,
        )
    return standing


def _answer(call: Call, said: Testimony) -> Answer:
    """What the testimony means for the books. Only a definite word is one; the rest is UNKNOWN."""
    match said.verdict:
        case Verdict.SUCCEEDED:
            return Answer(PayoutState.PAID, said.reference)
        case Verdict.PENDING:
            return Answer(PayoutState.PENDING, said.reference, said.code)
        case Verdict.FAILED:
            return Answer(PayoutState.FAILED, said.reference, said.code)
        case Verdict.REFUSED:
            return Answer(PayoutState.UNKNOWN, code=said.code, refused=True)
        case Verdict.NOT_FOUND if call.doubted:
            # It named something when it was asked to pay: not under our key, but perhaps ours.
            return Answer(PayoutState.UNKNOWN, code=ECHO_MISMATCH)
        case Verdict.NOT_FOUND if call.refusal:
            # It refused, and its book has nothing: a decline, unless it may still be on its way in.
            quiet = is_quiet(call.sent_at, call.at)
            return Answer(PayoutState.FAILED if quiet else PayoutState.UNKNOWN, code=call.refusal)
        case Verdict.NOT_FOUND:
            return Answer(PayoutState.UNKNOWN, code=LastWord.NOT_FOUND)
        case Verdict.NOT_AUTHORIZED:
            return Answer(PayoutState.UNKNOWN, None, LastWord.REFUSES_US, said.retry_after)
        case Verdict.NOT_EXECUTED if call.move is Move.SEND:
            return Answer(PayoutState.UNKNOWN, None, LastWord.NOT_EXECUTED, said.retry_after)
        case _:
            code = said.code or "no_answer"
            return Answer(PayoutState.UNKNOWN, said.reference, code, said.retry_after)
