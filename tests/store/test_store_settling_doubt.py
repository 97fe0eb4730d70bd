"""Is there a way out of a doubt that no gateway ends, and only by two people, and only once?"""

from datetime import datetime, timedelta
from uuid import UUID

import pytest

from domain.cases import PayoutState
from domain.payouts import Move
from store import doubts
from store.calls import Answer, Call
from store.tables import SettledDoubt
from tests.shop import NOW
from tests.store.till import NO_ANSWER, PENDING, TWO_CARDS, Till, refused

DOUBTED = NOW + timedelta(hours=72)
FOUND = Answer(PayoutState.PAID, "re_late")
NOTHING = Answer(PayoutState.UNKNOWN, None, "not_found")
WIRE = {"action": "settle", "reference": "wire 4711"}


@pytest.fixture
def doubtful(till: Till) -> UUID:
    """A case whose payout of 10.00 is unknown since NOW, and parked."""
    case_id = till.approved()
    till.step(case_id, NO_ANSWER)
    till.step(case_id, NO_ANSWER, NOW + timedelta(minutes=10))
    assert till.shop.read(case_id).attention == "payout_in_doubt"
    return case_id


@pytest.fixture
def settled(till: Till, doubtful: UUID) -> UUID:
    """The same, settled by two people."""
    till.shop.resume(doubtful, now=DOUBTED, **WIRE)
    till.shop.resume(doubtful, till.shop.lead, DOUBTED, **WIRE)
    return doubtful


def questions(till: Till, now: datetime) -> list[Call]:
    return till.shop.database.run(lambda s: doubts.due(s, now, 20))


def take_down(till: Till, call: Call, answer: Answer, now: datetime = DOUBTED) -> None:
    till.shop.database.run(lambda s: doubts.take_down(s, call, answer, now))


def kept(till: Till, case_id: UUID) -> SettledDoubt:
    with till.shop.database.begin() as session:
        return session.get_one(SettledDoubt, till.payouts(case_id)[0].payout_id)


def test_it_waits_until_the_gateway_has_had_its_time(till: Till, doubtful: UUID) -> None:
    with refused("payout-in-doubt") as early:
        till.shop.resume(doubtful, now=DOUBTED - timedelta(seconds=1), **WIRE)
    assert early.value.extra == {"since": f"{DOUBTED:%Y-%m-%dT%H:%M:%SZ}"}
    assert till.shop.resume(doubtful, now=DOUBTED, **WIRE).stage == "needs_attention"


def test_two_people_settle_it_under_one_reference(till: Till, doubtful: UUID) -> None:
    till.shop.resume(doubtful, now=DOUBTED, note="saw the wire", **WIRE)
    asked = till.events(doubtful)[-1]
    assert (asked.what, asked.actor) == ("settle_asked", "otto")
    assert asked.detail == "wire 4711: saw the wire"
    case = till.shop.resume(doubtful, till.shop.lead, DOUBTED, **WIRE)
    assert (case.outcome, case.paid) == ("settled_manually", 1000)
    (payout,) = till.payouts(doubtful)
    assert (payout.state, payout.reference) == ("paid", "wire 4711")
    assert till.money() == [(0, 1000)]


def test_the_same_person_cannot_confirm_their_own(till: Till, doubtful: UUID) -> None:
    till.shop.resume(doubtful, now=DOUBTED, **WIRE)
    with refused("four-eyes"):
        till.shop.resume(doubtful, now=DOUBTED, **WIRE)


def test_another_reference_asks_anew(till: Till, doubtful: UUID) -> None:
    till.shop.resume(doubtful, now=DOUBTED, **WIRE)
    other = {**WIRE, "reference": "wire 4712"}
    case = till.shop.resume(doubtful, till.shop.lead, DOUBTED, **other)
    assert case.stage == "needs_attention"
    assert till.happened(doubtful)[-2:] == ["settle_asked", "settle_asked"]
    case = till.shop.resume(doubtful, now=DOUBTED, **other)
    assert case.outcome == "settled_manually"


def test_a_revoked_asker_does_not_count(till: Till, doubtful: UUID) -> None:
    till.shop.resume(doubtful, now=DOUBTED, **WIRE)
    till.shop.revoke("otto")
    case = till.shop.resume(doubtful, till.shop.lead, DOUBTED, **WIRE)
    assert case.stage == "needs_attention"


@pytest.mark.parametrize("action", ["give_up", "reroute"])
def test_nothing_else_gets_a_case_out_of_doubt_however_long_it_lasts(
    till: Till, doubtful: UUID, action: str
) -> None:
    to = {"payout_to": {"kind": "store_credit"}} if action == "reroute" else {}
    with refused("payout-in-doubt"):
        till.shop.resume(doubtful, now=NOW + timedelta(days=365), action=action, **to)


def test_a_payout_that_the_gateway_has_on_its_way_is_not_settled(till: Till) -> None:
    case_id = till.approved(payments=TWO_CARDS)
    till.step(case_id, PENDING)
    till.step(case_id, NO_ANSWER)
    till.step(case_id, NO_ANSWER, NOW + timedelta(minutes=10))
    with refused("payout-in-doubt"):
        till.shop.resume(case_id, now=DOUBTED, **WIRE)


def test_an_old_key_that_is_sent_again_does_not_begin_the_doubt_anew(till: Till) -> None:
    case_id = till.approved()
    till.step(case_id, Answer(PayoutState.UNKNOWN, None, "not_executed"))
    for hours in (13, 26, 39, 52, 65):
        till.step(case_id, NOTHING, NOW + timedelta(hours=hours))
    assert till.shop.resume(case_id, now=DOUBTED, **WIRE).version
    assert till.happened(case_id)[-1] == "settle_asked"


def test_its_key_is_never_sent_again_and_a_late_answer_changes_nothing(
    till: Till, doubtful: UUID
) -> None:
    asked = till.call(doubtful, DOUBTED)
    for actor in (till.shop.operator, till.shop.lead):
        till.shop.resume(doubtful, actor, DOUBTED, **WIRE)
    for late in (Answer(PayoutState.FAILED, "re_1", "declined"), NO_ANSWER, FOUND):
        till.conclude(asked, late, DOUBTED)
    assert [payout.state for payout in till.payouts(doubtful)] == ["paid"]
    assert till.shop.read(doubtful).stage == "completed"
    assert till.stands(doubtful, DOUBTED).wake_after is None


def test_the_gateway_is_asked_at_once_and_daily_for_ninety_days(till: Till, settled: UUID) -> None:
    (first,) = questions(till, DOUBTED)
    assert (first.move, first.way, first.reference) == (Move.ASK, "original", None)
    take_down(till, first, NOTHING)
    assert questions(till, DOUBTED + timedelta(hours=23)) == []
    asked = [
        day for day in range(1, 120) if questions(till, DOUBTED + timedelta(days=day, minutes=1))
    ]
    assert asked[0] == 1
    assert 85 < len(asked) <= 90
    assert kept(till, settled).ask_at is None


def test_a_refund_found_later_is_recorded_once(till: Till, settled: UUID) -> None:
    (call,) = questions(till, DOUBTED)
    for _ in range(2):
        take_down(till, call, FOUND)
    doubt = kept(till, settled)
    assert (doubt.found, doubt.found_at, doubt.ask_at) == ("re_late", DOUBTED, None)
    found = [e for e in till.events(settled) if e.what == "settled_payout_found"]
    assert len(found) == 1
    assert found[0].detail == f"{call.payout_id} 1000 GBP re_late"
    assert till.shop.read(settled).stage == "completed"
    assert questions(till, DOUBTED + timedelta(days=2)) == []


def test_a_gateway_that_says_it_failed_there_has_paid_nobody_twice(
    till: Till, settled: UUID
) -> None:
    (call,) = questions(till, DOUBTED)
    take_down(till, call, Answer(PayoutState.FAILED, "re_late", "expired_card"))
    assert kept(till, settled).found is None


def test_its_webhook_has_it_asked_at_once(till: Till, settled: UUID) -> None:
    questions(till, DOUBTED)
    assert questions(till, DOUBTED) == []
    till.report(till.payouts(settled)[0], "succeeded")  # at NOW, by its clock
    assert len(questions(till, DOUBTED)) == 1
