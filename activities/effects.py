"""One step of an effect, whoever is asked for it: commit, call, record the reply."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TypeVar

from sqlalchemy.orm import Session
from temporalio.exceptions import ApplicationError, ApplicationErrorCategory

from domain.bills import BillWord
from domain.cases import CaseView
from domain.effects import EffectRef, EffectState, Said
from domain.payouts import LastWord, Move, is_quiet
from domain.policy import Policy
from gateways.carriers import Booking
from gateways.checkout import BillAnswer
from gateways.testimony import Testimony, Verdict
from store.goods.effect_requests import EffectRequest
from store.goods.effect_steps import StepResult, begin, begin_check, conclude
from store.session import Database

Request = TypeVar("Request", bound=EffectRequest)
Begin = Callable[[Session], EffectRequest | StepResult]


class Effects:
    """What the activities of all parties share. Repeating a step is safe at any moment."""

    def __init__(self, database: Database, policy: Policy, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._policy = policy
        self._clock = clock

    def carry_out(
        self, effect: EffectRef, kind: type[Request], call: Callable[[Request], Testimony]
    ) -> CaseView:
        """Take the next step of `effect`; `call` makes the one request to its party.

        While the party owes an answer this fails as `effect-in-doubt`, while a buyer may still pay
        as `bill-open`; either way it is retried when it is time to ask again.
        """
        result, code = self._step(lambda session: begin(session, effect, self._clock()), kind, call)
        if result.wake_after is None:
            return result.case
        raise ApplicationError(
            f"the party owes an answer: {code}" if result.in_doubt else "the bill is open",
            type="effect-in-doubt" if result.in_doubt else "bill-open",
            next_retry_delay=timedelta(seconds=result.wake_after),
            category=ApplicationErrorCategory.BENIGN,
        )

    def check(
        self, effect: EffectRef, kind: type[Request], call: Callable[[Request], Testimony]
    ) -> CaseView:
        """Ask at once about an open bill, while the activity that collects it waits."""

        def start(session: Session) -> EffectRequest | StepResult:
            return begin_check(session, effect, self._clock())

        return self._step(start, kind, call)[0].case

    def _step(
        self, start: Begin, kind: type[Request], call: Callable[[Request], Testimony]
    ) -> tuple[StepResult, str]:
        request = self._database.run(start)
        if isinstance(request, StepResult):
            return request, ""
        assert isinstance(request, kind)  # each action has one kind of request
        said = _result(request, call(request))
        result = self._database.run(
            lambda session: conclude(session, request, said, self._policy, self._clock())
        )
        return result, said.code


def _result(request: EffectRequest, reply: Testimony) -> Said:
    """What the reply means for the books. Only a definite one counts; the rest is UNKNOWN."""
    match reply.verdict:
        case Verdict.SUCCEEDED:
            said = Said(EffectState.DONE, reply.reference)
            if isinstance(reply, Booking):
                carrier, number = reply.carrier, reply.tracking_number
                said = replace(said, carrier=carrier, tracking_number=number)
            if isinstance(reply, BillAnswer) and reply.state:
                word = BillWord(reply.state, reply.url, reply.payment)
                said = replace(said, bill=word)
            return said
        case Verdict.FAILED:
            return Said(EffectState.CANCELLED, reply.reference, reply.code)
        case Verdict.REFUSED:
            return Said(EffectState.UNKNOWN, code=reply.code, refused=True)
        case Verdict.NOT_FOUND if request.refusal:
            # It refused, and its book has nothing: so it was for good, if nothing is on its way in.
            quiet = is_quiet(request.requested_at, request.at)
            state = EffectState.CANCELLED if quiet else EffectState.UNKNOWN
            return Said(state, code=request.refusal)
        case Verdict.NOT_FOUND:
            return Said(EffectState.UNKNOWN, code=LastWord.NOT_FOUND)
        case Verdict.NOT_AUTHORIZED:
            code: str = LastWord.REFUSES_US
        case Verdict.NOT_EXECUTED if request.move is Move.SEND:
            code = LastWord.NOT_EXECUTED
        case _:
            code = reply.code or "no_answer"
    return Said(EffectState.UNKNOWN, code=code, retry_after=reply.retry_after)
