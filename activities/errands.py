"""Errands: what outside parties do for a case that is not money, one call a step."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from temporalio import activity
from temporalio.exceptions import ApplicationError, ApplicationErrorCategory

from domain.bills import BillWord
from domain.cases import CaseView
from domain.effects import Action, EffectState, Progress, Said
from domain.payouts import LastWord, Move, is_quiet
from domain.policy import Policy
from gateways.carriers import Booking
from gateways.checkout import BillAnswer
from gateways.testimony import Testimony, Verdict
from store.goods.errands import Errand, begin, conclude
from store.session import Database

Party = Callable[[Errand], Testimony]
"""Makes the errand's one call: asks for it where `move` is SEND, else what became of it."""


class Errands:
    """`parties` by what they do."""

    def __init__(
        self,
        database: Database,
        policy: Policy,
        parties: Mapping[Action, Party],
        clock: Callable[[], datetime],
    ) -> None:
        self._database = database
        self._policy = policy
        self._parties = parties
        self._clock = clock

    @activity.defn(name="run_errand")
    def run_errand(self, case_id: UUID) -> CaseView:
        """See to the next thing that the case has to have done. Repeating it is safe at any moment.

        While its party owes an answer this fails as `errand-in-doubt` and is retried when it is
        time to ask again.
        """
        step = self._database.run(lambda session: begin(session, case_id, self._clock()))
        if isinstance(step, Progress):
            return step.case
        said = _said(step, self._parties[step.action](step))
        progress = self._database.run(
            lambda session: conclude(session, step, said, self._policy, self._clock())
        )
        if progress.wake_after is not None:
            raise ApplicationError(
                f"{step.action} owes an answer: {said.code}",
                type="errand-in-doubt",
                next_retry_delay=timedelta(seconds=progress.wake_after),
                category=ApplicationErrorCategory.BENIGN,
            )
        return progress.case


def _said(errand: Errand, answer: Testimony) -> Said:
    """What the answer means for the books. Only a definite word is one; the rest is UNKNOWN."""
    match answer.verdict:
        case Verdict.SUCCEEDED:
            said = Said(EffectState.DONE, answer.reference)
            if isinstance(answer, Booking):
                carrier, number = answer.carrier, answer.tracking_number
                said = replace(said, carrier=carrier, tracking_number=number)
            if isinstance(answer, BillAnswer) and answer.state:
                word = BillWord(answer.state, answer.url, answer.payment)
                said = replace(said, bill=word)
            return said
        case Verdict.FAILED:
            return Said(EffectState.CANCELLED, answer.reference, answer.code)
        case Verdict.REFUSED:
            return Said(EffectState.UNKNOWN, code=answer.code, refused=True)
        case Verdict.NOT_FOUND if errand.refusal:
            # It refused, and its book has nothing: so it was for good, if nothing is on its way in.
            quiet = is_quiet(errand.requested_at, errand.at)
            state = EffectState.CANCELLED if quiet else EffectState.UNKNOWN
            return Said(state, code=errand.refusal)
        case Verdict.NOT_FOUND:
            return Said(EffectState.UNKNOWN, code=LastWord.NOT_FOUND)
        case Verdict.NOT_AUTHORIZED:
            code: str = LastWord.REFUSES_US
        case Verdict.NOT_EXECUTED if errand.move is Move.SEND:
            code = LastWord.NOT_EXECUTED
        case _:
            code = answer.code or "no_answer"
    return Said(EffectState.UNKNOWN, code=code, retry_after=answer.retry_after)
