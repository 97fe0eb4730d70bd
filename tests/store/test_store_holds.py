"""After a restore: who holds payouts, since when, what is recovered, and who lets them go on."""

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from domain.cases import PayoutState
from domain.payouts import Standing
from store import holds
from store.gateway_book import Entry, take_in
from store.holds import MayNotRelease, Recovered
from store.session import Database
from tests.shop import NOW, Shop, order_body, request_body
from tests.store.till import Till

AGO = NOW - timedelta(days=2)


def place(database: Database, since: datetime | None = AGO, by: str = "otto") -> None:
    database.run(lambda s: holds.place(s, by, since, NOW))


def release(database: Database, actor: str) -> None:
    database.run(lambda s: holds.release(s, actor, NOW))


def imported(database: Database) -> None:
    database.run(lambda s: holds.imported(s, NOW))


def lost(refund_id: str, **fields: object) -> Entry:
    """A refund that a database has made that is gone."""
    made = {
        "refund_id": refund_id,
        "way": "original",
        "charge": None,
        "amount": 500,
        "currency": "GBP",
        "status": "succeeded",
        "created_at": NOW,
        "key": f"as1-{uuid4()}-1",
        "order_id": None,
        "case_id": None,
        "payout_id": None,
        **fields,
    }
    return Entry(**made)  # type: ignore[arg-type]


def recovered(database: Database, *entries: Entry) -> list[Recovered]:
    database.run(lambda s: take_in(s, entries, NOW))
    return database.run(lambda s: holds.recover(s, AGO))


def test_nothing_is_sent_while_payouts_are_held_and_everything_once_they_go_on(shop: Shop) -> None:
    till = Till(shop)
    case_id = till.approved()
    place(shop.database)
    step = till.begin(case_id)
    assert isinstance(step, Standing)
    assert step.asking
    assert [(p.state, p.code) for p in till.payouts(case_id)] == [("reserved", "payouts_held")]
    imported(shop.database)
    release(shop.database, "lea")
    assert till.pay(case_id).stage == "completed"


def test_store_credit_is_held_as_well(shop: Shop) -> None:
    till = Till(shop)
    case_id = till.approved(payout_to={"kind": "store_credit"})
    place(shop.database)
    assert isinstance(till.begin(case_id), Standing)
    assert till.payouts(case_id)[0].state == PayoutState.RESERVED


def test_what_was_sent_before_is_asked_about_all_the_same(shop: Shop) -> None:
    till = Till(shop)
    case_id = till.approved()
    till.call(case_id)
    place(shop.database)
    assert till.call(case_id).move == "ask"


def test_code_that_forgets_the_hold_sends_nothing(shop: Shop) -> None:
    till = Till(shop)
    case_id = till.approved()
    place(shop.database)
    till.begin(case_id)
    with pytest.raises(IntegrityError, match="payouts are held"), shop.database.begin() as session:
        session.execute(text("update payout_attempts set state = 'sent', sent_at = now()"))


def test_a_second_operator_or_lead_releases_once_the_lists_were_read(database: Database) -> None:
    Shop(database)
    with pytest.raises(MayNotRelease, match="no payouts are held"):
        release(database, "lea")
    place(database)
    with pytest.raises(MayNotRelease, match="not read yet"):
        release(database, "lea")
    imported(database)
    for nobody in ("alice", "nobody"):
        with pytest.raises(MayNotRelease, match="no operator or lead"):
            release(database, nobody)
    with pytest.raises(MayNotRelease, match="a second person"):
        release(database, "otto")
    release(database, "lea")
    with database.begin() as session:
        assert holds.standing(session) is None


def test_run_again_it_is_one_hold_that_reaches_back_as_far_as_asked(database: Database) -> None:
    place(database)
    place(database, AGO - timedelta(days=1), by="lea")
    place(database, NOW, by="lea")
    with database.begin() as session:
        hold = holds.standing(session)
        assert hold is not None
        assert (hold.since, hold.placed_by) == (AGO - timedelta(days=1), "otto")


def test_the_moment_of_a_database_is_what_it_knew_before_its_server_started(shop: Shop) -> None:
    shop.sell("o1", order_body((2, 1000)))
    shop.apply(request_body((1, 1)))
    started = datetime(2030, 1, 1, tzinfo=UTC)
    with shop.database.begin() as session:
        known = "update case_events set at = :at"
        session.execute(text("set local session_replication_role = replica"))
        session.execute(text(known), {"at": AGO})
        session.execute(text("update outbox set created_at = :at"), {"at": started})
    with shop.database.begin() as session:
        assert holds.place(session, "otto", None, started).since == AGO


def test_a_lost_refund_belongs_to_the_order_of_its_case_or_its_charge(shop: Shop) -> None:
    shop.sell("o1", order_body((2, 1000)))
    shop.sell("o2", order_body((2, 1000), payments=[charge("ch_2")]))
    case_id: UUID = shop.apply(request_body((1, 1))).case_id
    found = recovered(
        shop.database,
        lost("re_1", case_id=case_id),
        lost("re_2", charge="ch_2"),
        lost("re_3", order_id="o2"),
        lost("re_4", order_id="unknown"),
    )
    assert [(each.refund_id, each.storefront, each.order_id) for each in found] == [
        ("re_1", "demo", "o1"),
        ("re_2", "demo", "o2"),
        ("re_3", "demo", "o2"),
        ("re_4", None, "unknown"),
    ]


def test_an_orders_name_that_two_storefronts_use_tells_nothing(shop: Shop) -> None:
    for storefront in ("demo", "other"):
        with shop.database.begin() as session:
            session.execute(
                text("insert into storefronts values (:s) on conflict do nothing"),
                {"s": storefront},
            )
    shop.sell("o1", order_body((2, 1000)))
    with shop.database.begin() as session:
        session.execute(text("create temp table twin on commit drop as select * from orders"))
        session.execute(text("update twin set storefront = 'other'"))
        session.execute(text("insert into orders select * from twin"))
    (found,) = recovered(shop.database, lost("tr_1", way="bank_card", order_id="o1"))
    assert (found.storefront, found.order_id) == (None, "o1")


def test_what_is_ours_or_anothers_is_not_recovered(shop: Shop) -> None:
    till = Till(shop)
    call = till.call(till.approved())
    found = recovered(
        shop.database,
        lost("re_ours", key=call.gateway_key),
        lost("re_gift", key=None),
        lost("re_old", created_at=AGO - timedelta(seconds=1)),
    )
    assert found == []


def charge(name: str) -> dict[str, object]:
    return {"payment": name, "provider": "stripe", "method": "card", "captured": 1000}
