"""What has an operator's word to meet that was said before: ids, approvals, the first asker?"""

from datetime import timedelta
from uuid import UUID

import pytest

from activities.records import Heard, Records
from domain.messages import Signal
from domain.payouts import Standing
from tests.shop import NOW, order_body, request_body
from tests.store.till import BANK_CARD, DECLINED, PAID, Till, refused


@pytest.fixture
def declined(till: Till) -> UUID:
    """A case that alice approved under the id `word-1`, parked since its payout was declined."""
    till.shop.sell("o1", order_body((2, 1000)))
    case_id = till.shop.apply(request_body((1, 2))).case_id
    till.shop.approve(case_id, till.shop.auditor, decision_id="word-1")
    till.step(case_id, DECLINED)
    return case_id


def test_a_resume_cannot_bear_the_id_of_a_decision(till: Till, declined: UUID) -> None:
    with refused("resume-id-reused"):
        till.shop.resume(declined, action="retry", resume_id="word-1")
    assert till.shop.read(declined).stage == "needs_attention"


def test_a_decision_cannot_bear_the_id_of_a_resume(till: Till, declined: UUID) -> None:
    till.shop.revoke("alice")
    till.shop.resume(declined, action="retry", resume_id="word-2")
    assert till.begin(declined).case.stage == "awaiting_second_audit"
    with refused("decision-id-reused"):
        till.shop.approve(declined, decision_id="word-2")


def test_a_signal_under_an_id_in_use_is_refused_and_wedges_nothing(
    till: Till, declined: UUID
) -> None:
    retry = '{"actor": "otto", "action": "retry", "resume_id": "word-1", "note": ""}'
    records = Records(till.shop.database, till.shop.policy)
    heard = Heard(declined, [Signal("signal-1", "resume", retry)], NOW)
    assert records.settle_signals(heard).stage == "needs_attention"
    assert till.events(declined)[-1].detail == "resume: resume-id-reused"


def test_a_reroute_needs_approvals_that_still_hold(till: Till, declined: UUID) -> None:
    till.shop.revoke("alice")
    till.shop.resume(declined, action="reroute", payout_to=BANK_CARD)
    case = till.shop.resume(declined, till.shop.lead, action="reroute", payout_to=BANK_CARD)
    assert case.stage == "awaiting_second_audit"
    assert isinstance(till.begin(declined), Standing)
    assert till.money() == [(0, 0)]
    till.shop.approve(declined, till.shop.other_lead)
    till.step(declined, PAID)
    assert till.complete(declined).paid == 1000


def test_no_clock_makes_an_old_word_confirm_a_new_reroute(till: Till, declined: UUID) -> None:
    ahead = NOW + timedelta(minutes=5)
    till.shop.resume(declined, now=ahead, action="reroute", payout_to=BANK_CARD)
    till.shop.resume(declined, till.shop.lead, ahead, action="reroute", payout_to=BANK_CARD)
    till.step(declined, DECLINED, NOW)  # the worker's clock is behind
    case = till.shop.resume(
        declined, till.shop.other_lead, ahead, action="reroute", payout_to=BANK_CARD
    )
    assert case.stage == "needs_attention"
    assert till.happened(declined)[-1] == "reroute_asked"
