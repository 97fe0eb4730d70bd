"""What does a comparison with the gateways' lists find, keep, and let go again?"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import select, text

from activities.reconciliation import Reconciled, Reconciliation
from domain.cases import PayoutState
from domain.reconciliation import Difference, State
from gateways.statements import ListedRefund, Unlisted
from store import differences
from store.calls import Answer
from store.gateway_book import OtherGateway
from store.session import Database
from store.tables import GatewayDifference, GatewayEntry, GatewayReading
from tests.shop import NOW, Shop
from tests.store.till import NO_ANSWER, Till

LATER = NOW + timedelta(hours=1)


@dataclass
class List:
    """A gateway's list, newest first, two rows a page."""

    way: str = "original"
    base: str = "https://gateway.example"
    rows: list[ListedRefund] = field(default_factory=list)
    away: bool = False
    asked_since: list[datetime] = field(default_factory=list)
    looked_at: list[str] = field(default_factory=list)

    def pages(self, since: datetime) -> Iterator[list[ListedRefund]]:
        self.asked_since.append(since)
        if self.away:
            raise Unlisted("http_500")
        listed = [row for row in reversed(self.rows) if row.created_at >= since]
        for start in range(0, max(1, len(listed)), 2):
            yield listed[start : start + 2]

    def one(self, refund_id: str) -> ListedRefund:
        self.looked_at.append(refund_id)
        (found,) = [row for row in self.rows if row.refund_id == refund_id]
        return found

    def change(self, refund_id: str, **fields: object) -> None:
        self.rows = [
            replace(row, **fields) if row.refund_id == refund_id else row  # type: ignore[arg-type]
            for row in self.rows
        ]


def row(refund_id: str, amount: int = 1000, **fields: object) -> ListedRefund:
    made = {
        "refund_id": refund_id,
        "way": "original",
        "charge": "ch_1",
        "amount": amount,
        "currency": "GBP",
        "status": "succeeded",
        "created_at": NOW,
        **fields,
    }
    return ListedRefund(**made)  # type: ignore[arg-type]


class Office:
    """A shop's till, the gateways' lists beside it, and the comparison of both."""

    def __init__(self, shop: Shop) -> None:
        self.till = Till(shop)
        self.database: Database = shop.database
        self.refunds, self.transfers = List(), List("bank_card", "https://bank.example")
        self.now = LATER

    def reconcile(self, since: datetime | None = None, decides: bool = False) -> Reconciled:
        lists = {each.way: each for each in (self.refunds, self.transfers)}
        compared = Reconciliation(self.database, lists, lambda: self.now, decides=decides)
        return compared.run(since)

    def paid(self, order_id: str = "o1") -> UUID:
        """A case that the gateway has paid, and has on its list."""
        case_id = self.till.approved(order_id=order_id)
        call = self.till.call(case_id)
        self.refunds.rows.append(
            row(f"re_{order_id}", call.amount, key=call.gateway_key, charge=call.payment)
        )
        self.till.conclude(call, Answer(PayoutState.PAID, f"re_{order_id}"))
        self.till.complete(case_id)
        return case_id

    @property
    def kept(self) -> list[GatewayDifference]:
        with self.database.begin() as session:
            return list(session.scalars(select(GatewayDifference).order_by(GatewayDifference.id)))

    @property
    def live(self) -> list[tuple[str, str | None]]:
        with self.database.begin() as session:
            return [(each.kind, each.refund_id) for each in differences.live(session)]

    def resolve(self, number: int) -> None:
        self.database.run(
            lambda s: differences.resolve(s, number, "lea", "the shop's own gift", self.now)
        )


@pytest.fixture
def office(shop: Shop) -> Office:
    return Office(shop)


def test_books_that_agree_with_the_list_leave_no_difference(office: Office) -> None:
    for order_id in ("o1", "o2", "o3"):
        office.paid(order_id)
    assert office.reconcile() == Reconciled({"original": 3, "bank_card": 0}, {}, 0)
    assert office.kept == []


def test_a_refund_of_nobody_is_kept_with_the_order_of_its_charge(office: Office) -> None:
    office.paid()
    office.refunds.rows.append(row("re_x", 77))
    office.reconcile()
    (found,) = office.kept
    assert (found.kind, found.refund_id) == (Difference.UNKNOWN_REFUND, "re_x")
    assert (found.storefront, found.order_id) == ("demo", "o1")
    assert (found.ours, found.theirs, found.currency) == (None, 77, "GBP")


def test_a_difference_is_kept_once_and_closed_by_itself_when_it_is_gone(office: Office) -> None:
    office.refunds.rows.append(row("re_x"))
    office.reconcile()
    office.now += timedelta(hours=1)
    office.reconcile()
    (found,) = office.kept
    assert (found.state, found.first_seen, found.last_seen) == (State.OPEN, LATER, office.now)
    office.refunds.change("re_x", status="failed")
    office.now += timedelta(hours=1)
    office.reconcile()
    (gone,) = office.kept
    assert (gone.state, gone.resolved_by) == (State.RESOLVED, "reconcile")
    assert "gone by itself" in gone.note


def test_what_a_person_resolved_stays_resolved_until_its_amounts_change(office: Office) -> None:
    office.refunds.rows.append(row("re_x", 77))
    office.reconcile()
    office.resolve(office.kept[0].id)
    office.now += timedelta(hours=1)
    office.reconcile()
    assert office.live == []
    office.refunds.change("re_x", amount=78)
    office.now += timedelta(hours=1)
    office.reconcile()
    assert office.live == [("unknown_refund", "re_x")]
    assert [each.state for each in office.kept] == [State.RESOLVED, State.OPEN]


def test_a_refund_that_the_gateway_never_made_is_missed(office: Office) -> None:
    office.paid()
    office.refunds.rows.clear()
    office.reconcile()
    assert office.live == [("missing_refund", None)]
    assert office.kept[0].payout_id is not None


def test_a_second_refund_of_one_payout_is_found_whatever_settled_it(office: Office) -> None:
    office.paid()
    office.refunds.rows.append(replace(office.refunds.rows[0], refund_id="re_again"))
    office.reconcile()
    assert sorted(office.live) == [("paid_twice", "re_again"), ("paid_twice", "re_o1")]


def test_a_refund_found_of_a_payout_that_people_settled_is_paid_twice(office: Office) -> None:
    case_id = office.till.approved()
    call = office.till.call(case_id)
    office.till.conclude(call, Answer(PayoutState.FAILED, code="card_declined"))
    office.till.shop.resume(case_id, action="settle", reference="till-9")
    office.reconcile()
    assert office.live == []
    office.refunds.rows.append(row("re_late", call.amount, key=call.gateway_key))
    office.reconcile()
    assert office.live == [("paid_twice", "re_late")]


def test_a_refund_of_another_amount_or_another_charge_is_found(office: Office) -> None:
    office.paid("o1")
    office.paid("o2")
    office.refunds.change("re_o1", amount=999)
    office.refunds.change("re_o2", charge="ch_other")
    office.reconcile()
    assert sorted(office.live) == [("amount_differs", "re_o1"), ("amount_differs", "re_o2")]


def test_a_status_that_has_changed_since_it_was_read_is_looked_at_again(office: Office) -> None:
    office.paid()
    office.now += timedelta(days=3)
    office.reconcile()
    with office.database.begin() as session:
        session.execute(text("update gateway_book set status = 'pending'"))
    office.now += timedelta(days=3)  # beyond what the next reading goes back to
    office.reconcile()
    assert office.refunds.looked_at == ["re_o1"]
    assert office.live == []


def test_money_that_may_still_come_in_is_no_difference_yet(office: Office) -> None:
    case_id = office.till.approved()
    call = office.till.call(case_id)
    office.till.conclude(call, NO_ANSWER)
    office.refunds.rows.append(row("re_1", call.amount, key=call.gateway_key, created_at=LATER))
    office.reconcile()
    assert office.live == []
    office.now += timedelta(hours=1)
    office.reconcile()
    assert office.live == [("status_differs", "re_1")]


def test_the_next_reading_leaves_no_gap_and_reads_back_as_far_as_asked(office: Office) -> None:
    office.paid()
    office.reconcile()
    first = office.refunds.asked_since[-1]
    assert first <= NOW - timedelta(days=1)
    office.now += timedelta(days=9)
    office.reconcile(since=office.now)
    assert office.refunds.asked_since[-1] == LATER - timedelta(days=1)
    office.reconcile(since=first - timedelta(days=9))
    assert office.refunds.asked_since[-1] == first - timedelta(days=9)
    with office.database.begin() as session:
        reading = session.get_one(GatewayReading, "original")
        assert (reading.covers_from, reading.read_at) == (first - timedelta(days=9), office.now)


def test_a_list_that_is_not_read_to_its_end_decides_nothing(office: Office) -> None:
    office.refunds.rows.append(row("re_x"))
    office.reconcile()
    office.refunds.away = True
    office.now += timedelta(hours=1)
    done = office.reconcile()
    assert (done.unread, done.live) == ({"original": "http_500"}, 1)
    with office.database.begin() as session:
        assert session.get_one(GatewayReading, "original").read_at == LATER


def test_another_gateways_list_is_not_mixed_in(office: Office) -> None:
    office.reconcile()
    office.refunds.base = "https://elsewhere.example"
    office.refunds.rows.append(row("re_elsewhere"))
    with pytest.raises(OtherGateway, match=r"gateway\.example"):
        office.reconcile()
    assert office.live == []
    office.reconcile(decides=True)
    assert office.live == [("unknown_refund", "re_elsewhere")]


def test_a_row_is_ours_as_soon_as_we_have_its_key(office: Office) -> None:
    case_id = office.till.approved()
    office.reconcile()
    call = office.till.call(case_id)
    office.refunds.rows.append(row("re_1", call.amount, key=call.gateway_key))
    with office.database.begin() as session:
        session.execute(text("update payout_attempts set gateway_key = 'x'"))
    office.reconcile()
    assert office.live == [("unknown_refund", "re_1")]
    with office.database.begin() as session:
        renamed = "update payout_attempts set gateway_key = :key"
        session.execute(text(renamed), {"key": call.gateway_key})
    office.till.conclude(call, Answer(PayoutState.PAID, "re_1"))
    office.now += timedelta(minutes=1)
    office.reconcile()
    assert office.live == []
    with office.database.begin() as session:
        assert session.get_one(GatewayEntry, "re_1").standing == "ours"


def test_differences_are_owned_and_resolved_by_operators_and_leads_alone(office: Office) -> None:
    office.refunds.rows.append(row("re_x"))
    office.reconcile()
    number = office.kept[0].id
    with office.database.begin() as session:
        for nobody in ("alice", "shop", "nobody"):
            with pytest.raises(differences.MayNot):
                differences.own(session, number, nobody)
        differences.own(session, number, "otto")
    assert (office.kept[0].state, office.kept[0].owner) == (State.OWNED, "otto")
    office.resolve(number)
    with office.database.begin() as session, pytest.raises(differences.NotLive):
        differences.own(session, number, "otto")
    with office.database.begin() as session, pytest.raises(differences.NotLive):
        differences.own(session, 10**9, "otto")
