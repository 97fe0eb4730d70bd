"""Who decides, when does a word stand for good, and who comes too late?"""

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from domain.messages import Cancel
from domain.people import Actor, Role
from store import cases
from store.tables import Decision, Outbox
from tests.shop import NOW, Shop, order_body, request_body
from tests.store.till import BANK_CARD, DECLINED, PAID, Till, refused


@pytest.fixture
def case_id(shop: Shop) -> UUID:
    """A case over two units for 10.00 of 30.00."""
    shop.sell("o1", order_body((6, 3000, 600)))
    return shop.apply(request_body((1, 2))).case_id


@pytest.fixture
def dear_case(shop: Shop) -> UUID:
    """A case for 1,500.00, above what one person may approve."""
    shop.sell("dear", order_body((1, 150_000)))
    return shop.apply(request_body((1, 1), order_id="dear")).case_id


def decisions(shop: Shop, case_id: UUID) -> list[tuple[str, str]]:
    with shop.session() as session:
        made = select(Decision).where(Decision.case_id == case_id).order_by(Decision.slot)
        return [(decision.verdict, decision.actor) for decision in session.scalars(made)]


def test_the_last_approval_moves_the_case_to_paying(till: Till, case_id: UUID) -> None:
    case = till.shop.approve(case_id, till.shop.auditor, decision_id="d-1", note="seen")
    assert (case.stage, case.waiting_for, case.approved) == ("paying", "gateway", 1000)
    assert case.due_at == NOW + timedelta(hours=72)
    event = till.events(case_id)[-1]
    assert (event.what, event.actor, event.actor_kind) == ("approved", "alice", "auditor")
    assert (event.from_stage, event.to_stage) == ("awaiting_audit", "paying")
    with till.shop.session() as session:
        told = session.scalars(select(Outbox).order_by(Outbox.id)).all()
    assert [(m.topic, m.message_id) for m in told] == [("start", None), ("approve", "d-1")]


def test_a_rejection_closes_the_case_and_frees_its_units(till: Till, case_id: UUID) -> None:
    case = till.shop.reject(case_id, reason="used")
    assert (case.stage, case.outcome, case.waiting_for) == ("rejected", "rejected", None)
    assert case.closed_at == NOW
    assert till.units().free == 6


def test_the_same_decision_again_changes_nothing(till: Till, case_id: UUID) -> None:
    first = till.shop.approve(case_id, decision_id="d-1", amount=900)
    again = till.shop.approve(case_id, decision_id="d-1", amount=900, version=1)
    assert again.version == first.version
    assert decisions(till.shop, case_id) == [("approve", "lea")]
    assert till.happened(case_id) == ["opened", "approved"]


def test_a_decision_id_names_one_decision(shop: Shop, case_id: UUID) -> None:
    other_case = shop.apply(request_body((1, 1))).case_id
    shop.approve(case_id, decision_id="d-1", amount=900)
    others: list[Callable[[], object]] = [
        lambda: shop.approve(case_id, decision_id="d-1", amount=800),
        lambda: shop.approve(case_id, decision_id="d-1"),
        lambda: shop.approve(case_id, shop.other_lead, decision_id="d-1", amount=900),
        lambda: shop.reject(case_id, decision_id="d-1"),
        lambda: shop.approve(other_case, decision_id="d-1", amount=900),
    ]
    for other in others:
        with refused("decision-id-reused"):
            other()


def test_whoever_comes_second_hears_who_was_first(shop: Shop, case_id: UUID) -> None:
    shop.approve(case_id, decision_id="d-1")
    with refused("already-decided") as refusal:
        shop.reject(case_id, shop.other_lead)
    assert refusal.value.extra == {"decision_id": "d-1", "verdict": "approve", "actor": "lea"}
    assert decisions(shop, case_id) == [("approve", "lea")]


def test_a_decided_case_stays_decided_once_it_is_closed(till: Till, case_id: UUID) -> None:
    till.shop.approve(case_id)
    till.pay(case_id)
    with refused("already-decided"):
        till.shop.approve(case_id, till.shop.other_lead)
    rejected = till.shop.apply(request_body((1, 1))).case_id
    till.shop.reject(rejected)
    with refused("already-decided"):
        till.shop.approve(rejected, till.shop.other_lead)


def test_a_case_closed_without_a_decision_is_only_closed(shop: Shop, case_id: UUID) -> None:
    shop.cancel(case_id)
    with refused("case-closed"):
        shop.approve(case_id)
    with refused("case-closed"):
        shop.reject(case_id)


def test_a_decision_on_an_older_version_is_refused_with_the_newer(
    shop: Shop, case_id: UUID
) -> None:
    with refused("version-conflict") as refusal:
        shop.approve(case_id, version=2)
    assert refusal.value.extra == {"version": 1}
    assert shop.approve(case_id, version=1).version == 2


def test_an_approval_may_lower_the_amount_and_its_tax(till: Till, case_id: UUID) -> None:
    case = till.shop.approve(case_id, amount=250)
    assert (case.total, case.approved, case.tax) == (1000, 250, 50)
    assert case.steps[-1] == "approved 250 of 1000"


def test_no_approval_may_raise_the_amount(shop: Shop, case_id: UUID) -> None:
    with refused("amount-too-high") as refusal:
        shop.approve(case_id, amount=1001)
    assert refusal.value.extra == {"most": 1000}


def test_an_unknown_case_is_not_found(shop: Shop) -> None:
    with refused("case-not-found"):
        shop.approve(uuid4())


@pytest.mark.parametrize("role", [Role.STOREFRONT, Role.WAREHOUSE, Role.TECHNICIAN, Role.OPERATOR])
def test_only_auditors_and_leads_decide(shop: Shop, case_id: UUID, role: Role) -> None:
    somebody = Actor("somebody", role)
    with refused("forbidden"):
        shop.approve(case_id, somebody)
    with refused("forbidden"):
        shop.reject(case_id, somebody)


def test_an_auditor_approves_up_to_a_limit_of_the_currency(shop: Shop) -> None:
    shop.sell("o1", order_body((1, 50_001)))
    shop.sell("euro", order_body((1, 1), currency="EUR"))
    case_id = shop.apply(request_body((1, 1))).case_id
    with refused("over-limit"):
        shop.approve(case_id, shop.auditor)
    assert shop.approve(case_id, shop.auditor, amount=50_000).stage == "paying"
    with refused("over-limit"):
        shop.approve(shop.apply(request_body((1, 1), order_id="euro")).case_id, shop.auditor)


def test_an_auditor_without_a_limit_approves_nothing_and_a_limited_lead_no_more_than_that(
    shop: Shop, case_id: UUID
) -> None:
    with refused("over-limit"):
        shop.approve(case_id, shop.hire("anna", Role.AUDITOR))
    with refused("over-limit"):
        shop.approve(case_id, shop.hire("lars", Role.LEAD, limits={"GBP": 999}))
    assert shop.reject(case_id, shop.hire("andy", Role.AUDITOR)).stage == "rejected"


class TestTwoPeople:
    """Above the limit of the policy, and for a bank card, two different people approve."""

    def test_the_first_approval_waits_for_another_person(self, till: Till, dear_case: UUID) -> None:
        case = till.shop.approve(dear_case)
        assert (case.stage, case.waiting_for) == ("awaiting_second_audit", "auditor")
        with refused("four-eyes"):
            till.shop.approve(dear_case)
        assert till.shop.approve(dear_case, till.shop.other_lead).stage == "paying"
        assert decisions(till.shop, dear_case) == [("approve", "lea"), ("approve", "leo")]

    def test_a_bank_card_always_needs_them(self, shop: Shop) -> None:
        shop.sell("o1", order_body((1, 1)))
        case_id = shop.apply(request_body((1, 1), payout_to=BANK_CARD)).case_id
        assert shop.approve(case_id).stage == "awaiting_second_audit"
        assert shop.approve(case_id, shop.auditor).stage == "paying"

    def test_the_second_may_lower_the_amount_but_not_raise_it(
        self, shop: Shop, dear_case: UUID
    ) -> None:
        shop.approve(dear_case, amount=140_000)
        with refused("amount-too-high"):
            shop.approve(dear_case, shop.other_lead, amount=140_001)
        case = shop.approve(dear_case, shop.other_lead, amount=120_000)
        assert (case.stage, case.approved) == ("paying", 120_000)
        assert case.steps[-2:] == ["approved 140000 of 150000", "approved 120000 of 150000"]

    def test_the_second_may_reject(self, till: Till, dear_case: UUID) -> None:
        till.shop.approve(dear_case)
        case = till.shop.reject(dear_case, till.shop.other_lead)
        assert (case.stage, case.outcome) == ("rejected", "rejected")
        assert till.units("dear").free == 1

    def test_an_amount_lowered_to_the_limit_needs_one_person(
        self, shop: Shop, dear_case: UUID
    ) -> None:
        assert shop.approve(dear_case, amount=100_000).stage == "paying"

    def test_an_approver_who_was_revoked_in_between_does_not_count(
        self, shop: Shop, dear_case: UUID
    ) -> None:
        shop.approve(dear_case)
        shop.revoke("lea")
        assert shop.approve(dear_case, shop.other_lead).stage == "awaiting_second_audit"
        third = shop.hire("lena", Role.LEAD)
        assert shop.approve(dear_case, third).stage == "paying"


class TestApprovalsAtReserveTime:
    @pytest.fixture
    def approved(self, shop: Shop, dear_case: UUID) -> UUID:
        shop.approve(dear_case)
        shop.approve(dear_case, shop.other_lead)
        return dear_case

    def test_a_revoked_approver_sends_the_case_back(self, till: Till, approved: UUID) -> None:
        till.shop.revoke("lea")
        standing = till.stands(approved)
        assert standing.case.stage == "awaiting_second_audit"
        assert till.happened(approved)[-1] == "approval_lapsed"
        assert till.money("dear") == [(0, 0)]
        with refused("four-eyes"):
            till.shop.approve(approved, till.shop.other_lead)
        till.shop.approve(approved, till.shop.hire("lena", Role.LEAD))
        assert till.pay(approved).stage == "completed"

    def test_such_a_case_may_be_cancelled(self, till: Till, approved: UUID) -> None:
        till.shop.revoke("lea")
        till.begin(approved)
        assert till.shop.cancel(approved).stage == "cancelled"
        assert till.units("dear").free == 1

    def test_one_approver_is_missed_as_much_as_one_of_two(self, till: Till, case_id: UUID) -> None:
        till.shop.approve(case_id, till.shop.auditor)
        till.shop.revoke("alice")
        assert till.stands(case_id).case.stage == "awaiting_second_audit"
        assert till.shop.approve(case_id).stage == "paying"

    def test_what_is_reserved_goes_on(self, till: Till, approved: UUID) -> None:
        call = till.call(approved)
        till.shop.revoke("lea")
        assert till.conclude(call, PAID).case.stage == "paying"
        assert till.complete(approved).stage == "completed"


class TestCancelling:
    def test_the_storefront_takes_its_request_back(self, till: Till, case_id: UUID) -> None:
        case = till.shop.cancel(case_id)
        assert (case.stage, case.outcome, case.closed_at) == ("cancelled", "cancelled", NOW)
        assert till.units().free == 6

    def test_cancelling_again_changes_nothing(self, till: Till, case_id: UUID) -> None:
        till.shop.cancel(case_id)
        assert till.shop.cancel(case_id).version == 2
        assert till.happened(case_id) == ["opened", "cancelled"]

    def test_a_case_that_waits_for_the_second_approval_can_be_cancelled(
        self, till: Till, dear_case: UUID
    ) -> None:
        till.shop.approve(dear_case)
        assert till.shop.cancel(dear_case).stage == "cancelled"
        assert till.units("dear").free == 1

    def test_a_case_that_pays_or_is_parked_can_not(self, till: Till, case_id: UUID) -> None:
        till.shop.approve(case_id)
        with refused("too-late"):
            till.shop.cancel(case_id)
        till.step(case_id, DECLINED)
        with refused("too-late"):
            till.shop.cancel(case_id)

    def test_a_closed_case_is_closed(self, till: Till, case_id: UUID) -> None:
        till.shop.reject(case_id)
        with refused("case-closed"):
            till.shop.cancel(case_id)

    def test_nobody_else_cancels(self, shop: Shop, case_id: UUID) -> None:
        rival = shop.hire("rival", Role.STOREFRONT, storefront="rival")
        for actor, slug in ((rival, "case-not-found"), (shop.lead, "forbidden")):
            with refused(slug), shop.database.begin() as session:
                cases.cancel(session, case_id, Cancel(), actor, NOW)
