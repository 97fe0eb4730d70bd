"""Does every check find what it is for, and nothing in books that are right?"""

import copy
from collections.abc import Iterator

import pytest
from sqlalchemy import String, select
from sqlalchemy.dialects.postgresql import JSONB

from domain.stripe_amounts import to_stripe
from runtime.postgres import Postgres
from store.invariants import CHECKS
from store.invariants.texts import TEXTS
from store.migrations import upgrade
from store.session import Database
from store.tables import PayoutAttempt, SettledDoubt
from store.tables.declared import Table
from tests.ops.books import Books, eventful, violated
from tests.ops.exchange_books import exchanged
from tests.ops.said_books import said

OLD = "now() - interval '1 day'"
PAID_PAYOUT = "(select payout_id from payouts where state = 'paid' and way = 'original' limit 1)"
DONE = "(select case_id from cases where outcome = 'refunded' order by opened_at limit 1)"
FULL_WIDTH, ARABIC = (
    "".join(chr(ord(zero) + int(digit)) for digit in "4111111111111111")
    for zero in ("\uff10", "\u0660")
)
OPEN = "(select case_id from cases where stage = 'awaiting_audit' limit 1)"

RETURN = "(select case_id from cases where outcome = 'returned_and_refunded' limit 1)"

LONG_AGO = (f"update case_events set at = {OLD}", f"update submission_events set at = {OLD}")

SEEN = "(select submission_id from reviews where published is not null limit 1)"
APPEALED = (
    "(select submission_id from submission_events where what = 'appealed' order by at limit 1)"
)

OF_DOUBT = SettledDoubt.payout_id == PayoutAttempt.payout_id
MONEY = [check for check in CHECKS if check.id.startswith("M")]

BROKEN: list[tuple[str, list[str]]] = [
    (
        "M01",
        [
            "update payments set captured = 10 where order_id = 'o1'",
        ],
    ),
    ("M05", ["update cases set total = 1, items = 1, shipping = 0, approved = null"]),
    (
        "M05",
        [
            "insert into payouts (payout_id, storefront, case_id, order_id, n, payment_id, way,"
            " amount, currency, state, attempt, approvals, code, reserved_at)"
            " select gen_random_uuid(), storefront, case_id, order_id, 99, payment_id, way, 1,"
            f" currency, 'reserved', 1, 1, '', now() from payouts where payout_id = {PAID_PAYOUT}",
        ],
    ),
    ("M06", [f"update cases set stage = 'rejected', outcome = 'rejected' where case_id = {DONE}"]),
    ("M06", [f"update cases set approved = total - 1 where case_id = {DONE}"]),
    ("M07", ["update ledger_postings set amount = amount + 1 where amount > 0"]),
    ("M08", ["delete from ledger_postings where entry = 'settle'"]),
    ("M08", ["update ledger_postings set attempt = 7 where entry = 'settle'"]),
    ("M09", ["update ledger_postings set amount = amount * 2"]),
    ("M09", ["update ledger_postings set currency = 'USD'"]),
    ("M10", ["update payout_attempts set state = 'sent' where state = 'failed'"]),
    ("M10", ["delete from payout_attempts where attempt = 1"]),
    ("M10", ["update payout_attempts set gateway_key = 'other-' || gateway_key"]),
    (
        "M11",
        [
            f"update payouts set state = 'pending', settled_at = null, reserved_at = {OLD}"
            f" - interval '3 days' where payout_id = {PAID_PAYOUT}"
        ],
    ),
    ("M12", ["update payouts set currency = 'USD'"]),
    ("M12", ["update payouts set order_id = 'o9'"]),
    ("M13", ["update payments set refunded = refunded - 1 where refunded > 0"]),
    ("M13", ["delete from ledger_postings"]),
    ("M14", [f"update cases set paid = paid - 1 where case_id = {DONE}"]),
    ("M16", ["delete from resumes where actor = 'lea' and reference = 'wire-1'"]),
    ("M16", ["update payouts set way = 'original' where reference = 'wire-1'"]),
    ("M16", ["update settled_doubts set ask_at = null"]),
    ("M15", ["update payouts set reference = 're_1' where way = 'store_credit'"]),
    ("D01", ["update gateway_differences set owner = null where state = 'owned'"]),
    ("D01", ["update gateway_differences set resolved_by = null where state = 'resolved'"]),
    ("D01", ["update gateway_differences set note = '' where state = 'resolved'"]),
    ("D01", ["update gateway_differences set owner = 'nobody' where state = 'owned'"]),
    ("D01", ["update gateway_differences set refund_id = 're_seen', state = 'open'"]),
    ("D03", ["update payout_holds set released_by = placed_by"]),
    ("D03", ["update payout_holds set released_by = 'nobody'"]),
    ("D03", ["update payout_holds set imported_at = null"]),
    ("D02", ["update gateway_book set key = 'other' where standing = 'ours'"]),
    ("D02", ["update gateway_book set standing = 'foreign' where standing = 'ours'"]),
    ("D02", ["update gateway_readings set covers_from = now() + interval '1 day'"]),
    ("C01", ["update charges set refunded = refunded + 1 where refunded > 0"]),
    ("C02", ["update charges set captured = 1 where refunded > 0"]),
    ("C03", ["update payments set charge = null"]),
    ("C03", ["update charges set currency = 'INR'"]),
    (
        "C04",
        [
            "update charges set owner = 'other'",
            f"update payouts set state = 'pending', settled_at = null"
            f" where payout_id = {PAID_PAYOUT}",
        ],
    ),
    ("C04", ["update charges set assigned = true"]),
    (
        "Q01",
        [
            "update claims set released_at = null",
        ],
    ),
    ("Q01", ["update order_lines set quantity = 1 where quantity > 1"]),
    ("Q02", ["update order_lines set paid = 10, tax = 0 where paid > 10"]),
    ("Q02", ["update order_lines set tax = 0"]),
    ("Q03", ["update case_lines set quantity = quantity + 1"]),
    ("Q03", ["update claims set settled_at = null"]),
    ("Q04", ["update unit_credits set paid = paid * 100"]),
    ("Q05", ["update claims set paid = paid + 1 where settled_at is not null"]),
    ("Q06", ["update orders set shipping_refunded = 0 where shipping_refunded > 0"]),
    (
        "Q06",
        [
            "update orders set shipping_reserved = 0, shipping_paid = 9999",
            f"update cases set shipping = 1, shipping_held = 1, items = items - 1"
            f" where case_id = {OPEN}",
        ],
    ),
    ("G01", ["update claims set settled_at = null where kept"]),
    ("G01", [f"update claims set released_at = null where not kept and case_id = {RETURN}"]),
    ("G02", ["update claims set kept = false where kept"]),
    ("G02", ["update inspection_lines set accepted = 1"]),
    ("G03", ["delete from stock_moves where move = 'put_back' and on_hand = 2"]),
    ("G03", ["update stock_moves set on_hand = 4 where move = 'put_back' and on_hand = 2"]),
    ("G04", ["update effects set key = 'other' || key where action = 'book_pickup'"]),
    ("R04", ["update effects set key = 'other' where action = 'order_repair'"]),
    (
        "R04",
        ["update effects set state = 'cancelled', done_at = null where action = 'order_repair'"],
    ),
    (
        "G04",
        ["update effects set state = 'cancelled', done_at = null where action = 'send_parcel'"],
    ),
    (
        "G05",
        [
            f"update effects set state = 'planned', done_at = null, planned_at = {OLD}"
            " - interval '3 days' where action = 'send_parcel'"
        ],
    ),
    ("G06", ["delete from arrivals"]),
    (
        "G06",
        [
            "update cases set received_at = null, stage = 'awaiting_parcel', closed_at = null,"
            " outcome = null, waiting_for = 'buyer' where case_id in (select case_id from parcels"
            " where direction = 'inbound' and status = 'delivered')"
        ],
    ),
    ("G07", ["update parcels set released_at = null where direction = 'inbound'"]),
    ("G07", ["update parcels set tracking_number = 'other'  where direction = 'inbound'"]),
    (
        "G08",
        ["update effects set state = 'cancelled', done_at = null where action = 'send_parcel'"],
    ),
    ("P01", ["update arrivals set note = 'it is 4111 1111 1111 1111'"]),
    ("P01", ['update arrivals set lines = \'[{"reason": "4111 1111 1111 1111"}]\'']),
    ("P01", ['update arrivals set unlisted = \'[{"title": "4111 1111 1111 1111"}]\'']),
    ("R01", ["update repairs set serial_out = 'B9'"]),
    ("R01", ["update repairs set serial_in = 'B9', serial_out = 'B9'"]),
    ("R01", ["update repairs set swapped = false", "delete from diagnoses"]),
    ("R02", ["update diagnoses set covered = false"]),
    ("R02", ["update diagnoses set repairable = false"]),
    ("R05", ["update serial_claims set released_at = null"]),
    (
        "R05",
        [
            "update cases set stage = 'in_repair', waiting_for = 'technician', outcome = null,"
            " closed_at = null where kind = 'repair'",
            "delete from serial_claims",
        ],
    ),
    ("R06", ["update repairs set swapped = true, at = at - interval '1 day'"]),
    ("R03", ["delete from repairs"]),
    ("R03", ["update cases set paid = 1, total = total + 1 where outcome = 'repaired'"]),
    (
        "R03",
        [
            "insert into quotes (case_id, version, storefront, diagnosis_id, amount, tax, at,"
            " answer, answered_at) select case_id, 1, storefront, diagnosis_id, 500, 0, at,"
            " 'accepted', at from diagnoses"
        ],
    ),
    ("B01", ["update bills set state = 'open', payment = null, paid_at = null where n = 1"]),
    ("B02", ["update bills set state = 'expired' where state = 'paid'"]),
    ("B02", ["delete from effects where action = 'ship_stock'"]),
    ("B05", [f"update cases set refund_first = true where case_id = {DONE}"]),
    (
        "B03",
        ["update bills set state = 'paid'", "delete from effects where action = 'refund_bill'"],
    ),
    ("B04", ["update bills set state = 'open' where state = 'paid'"]),
    ("B04", ["update bills set amount = 1"]),
    (
        "B04",
        [
            "update effects set key = 'other' where action = 'collect_bill' and n = 1"
            " and bill_id in (select bill_id from bills where state = 'paid')"
        ],
    ),
    ("B04", ["update effects set key = 'other' where action = 'refund_bill'"]),
    ("K05", ["update stock_holds set ended = null where ended = 'ship' and sku = 'NEW1'"]),
    ("T01", ["update diagnoses set storefront = 'other'"]),
    ("T01", ["update bills set storefront = 'other'"]),
    ("T01", ["update case_replacements set storefront = 'other'"]),
    ("P01", ["update diagnoses set fault = 'it is 4111 1111 1111 1111'"]),
    ("P01", ["update repairs set note = 'it is 4111 1111 1111 1111'"]),
    ("V01", ["update rating_days set total = total + 1"]),
    ("V01", ["update rating_days set with_case = 0"]),
    ("V01", ["update rating_days set h2 = 0, h3 = 1 where h2 > 0"]),
    ("V01", ["delete from rating_days"]),
    ("V01", ["update review_versions set stars = 1"]),
    ("V01", ["update reviews set published_on = published_on - 1"]),
    ("V01", ["update reviews set published = 1 where published is null"]),
    ("V03", ["update satisfaction_days set squares = squares + 1"]),
    ("V03", ["delete from satisfaction_days"]),
    ("V03", ["update feedback set score = 1"]),
    ("V02", ["update rating_totals set n = n + 1"]),
    ("V02", ["update rating_totals set with_case = 0"]),
    ("V02", ["delete from rating_totals"]),
    ("V02", ["delete from rating_days"]),
    ("V04", ["update reviews set live = true where not live"]),
    ("V04", ["update reviews set live = false where published is null"]),
    ("V05", [f"delete from submission_decisions where submission_id = {SEEN}"]),
    ("V05", ["update reviews set published = versions where published < versions"]),
    ("V05", ["update reviews set published = null, published_stars = null, published_at = null"]),
    ("V05", ["update reviews set published = 1 where published is null"]),
    ("V05", ["update submissions set stage = 'published' where stage = 'awaiting_audit'"]),
    ("V06", ["update reviews set published_stars = 5 where published_stars < 5"]),
    ("V07", ["delete from submission_events where seq = 1"]),
    ("V07", ["update submissions set version = version + 1"]),
    ("V07", ["update submission_events set actor = ''"]),
    ("V07", ["update submission_events set actor_kind = 'nobody'"]),
    ("V08", ["delete from review_versions where n = 1"]),
    ("V08", ["update reviews set versions = versions + 1"]),
    ("V08", ["delete from feedback_messages where n = 1"]),
    ("V09", ["update submission_events set from_stage = 'closed' where what = 'answered'"]),
    (
        "V09",
        ["update submission_events set to_stage = 'published', from_stage = null where seq = 1"],
    ),
    ("V09", ["update submissions set stage = 'rejected' where stage = 'published'"]),
    ("V09", ["update submissions set closed_at = null where stage = 'closed'"]),
    ("V10", ["delete from submission_decisions where slot = 1"]),
    ("V10", ["update submission_decisions set verdict = 'reject' where verdict = 'approve'"]),
    ("V10", ["update submission_decisions set verdict = 'approve' where verdict = 'reject'"]),
    ("V11", ["delete from tokens where name = 'alice'"]),
    ("V11", ["update submission_decisions set actor_role = 'operator'"]),
    ("V11", ["update submission_events set message_id = null where what = 'rejected'"]),
    ("V11", ["update submission_events set what = 'approved' where what = 'rejected'"]),
    ("V12", [f"update submission_decisions set actor = 'lea' where submission_id = {APPEALED}"]),
    ("V13", ["update submissions set opened_by = 'lea'"]),
    ("V13", ["update reviews set line = 9"]),
    ("V13", ["update reviews set sku = 'SKU9'"]),
    ("V13", ["update feedback set order_id = 'o1' where case_id is not null"]),
    ("V13", ["update uploads set storefront = 'other'"]),
    ("V13", ["update uploads set used = false"]),
    ("V13", ["delete from upload_uses"]),
    *(
        ("V13", [f"update {table} set storefront = 'other'"])
        for table in (
            "submissions",
            "submission_events",
            "submission_decisions",
            "reviews",
            "review_versions",
            "review_votes",
            "feedback",
            "feedback_messages",
        )
    ),
    ("V14", ["update reviews set helpful = helpful + 1"]),
    ("V14", ["delete from review_votes where customer_id = 'c1'"]),
    ("V14", ["update review_votes set customer_id = '17850' where customer_id = 'c1'"]),
    ("V15", ["update feedback set converted_to_case = null"]),
    ("V15", ["update feedback set converted_to_review = null"]),
    (
        "V15",
        [f"update feedback set converted_to_case = {OPEN} where converted_to_case is not null"],
    ),
    ("V15", ["update submissions set customer_id = 'other' where kind = 'review'"]),
    ("V15", ["update submissions set stage = 'closed' where stage = 'converted'"]),
    ("V16", [f"update feedback set case_id = {OPEN} where score is not null"]),
    ("K01", ["update stock_holds set quantity = 1 where key = 'live'"]),
    ("K01", ["update stock_holds set ended = 'ship', ended_at = now() where key = 'live'"]),
    ("K01", ["update stock set held = 0"]),
    ("K02", ["update stock set on_hand = -1"]),
    ("K02", ["update stock set held = on_hand + 1"]),
    ("K03", ["update stock set on_hand = on_hand + 1 where sku = 'SKU2'"]),
    ("K03", ["delete from stock_moves where move = 'put' and on_hand = 3"]),
    ("K03", ["update stock_moves set on_hand = 2 where move = 'put_back'"]),
    ("K04", ["update stock_holds set ended = 'release' where key = 'shipped'"]),
    ("K04", ["delete from stock_moves where key = 'released'"]),
    ("K06", ["update stock set condition = 'used' where sku = 'NEW1'"]),
    ("K06", ["update stock_holds set condition = 'used' where key = 'live'"]),
    ("K06", ["update case_replacements set condition = 'used'"]),
    ("K07", ["update stock set condition = 'used' where warehouse = 'main'"]),
    ("K07", ["update stock set warehouse = 'resale' where sku = 'SKU2'"]),
    ("K04", ["update stock_moves set held = -1 where key = 'released' and move = 'release'"]),
    (
        "L01",
        [
            "insert into idempotency_keys (storefront, route, key, fingerprint, status, location,"
            " answer) values ('demo', 'POST /v1/cases', 'a-key-of-8', '', 201, '/v1/cases/1', '')"
        ],
    ),
    *(
        (
            "L01",
            [
                "insert into idempotency_keys (storefront, route, key, fingerprint, status,"
                f" location, answer) select 'demo', '{route}', 'a-key-of-8', '', 201,"
                f" '/v1/{there}/' || submission_id, '' from submissions where kind = '{kind}'"
                " limit 1"
            ],
        )
        for route, there, kind in (
            ("POST /v1/reviews", "reviews", "feedback"),
            ("POST /v1/feedback", "feedback", "review"),
            ("POST /v1/feedback/{feedback_id}/convert", "cases", "review"),
        )
    ),
    (
        "L02",
        [f"update cases set opened_at = {OLD}", "delete from outbox where case_id is not null"],
    ),
    (
        "L02",
        [
            f"update submissions set opened_at = {OLD}",
            "delete from outbox where submission_id is not null",
        ],
    ),
    *(
        ("L04", [f"update {table} set {when} = {OLD} where closed_at is null"])
        for table in ("cases", "submissions")
        for when in ("remind_at", "due_at")
    ),
    ("L05", [f"update outbox set delivered_at = null, created_at = {OLD}"]),
    (
        "L06",
        [
            "insert into inbox (provider, event_id, type, status, received_at)"
            f" values ('stripe', 'evt_1', 'refund.failed', 'failed', {OLD})"
        ],
    ),
    ("S01", ["update case_events set to_stage = 'awaiting_audit' where to_stage = 'paying'"]),
    ("S01", ["update case_events set to_stage = 'completed', from_stage = null where seq = 1"]),
    ("S01", [f"update cases set stage = 'awaiting_second_audit' where case_id = {OPEN}"]),
    (
        "S02",
        [
            "update payouts set state = 'sending', settled_at = null"
            f" where payout_id = {PAID_PAYOUT}"
        ],
    ),
    (
        "S02",
        [
            f"update cases set closed_at = null where case_id = {DONE}",
        ],
    ),
    ("S03", ["delete from decisions where verdict = 'reject'"]),
    ("S03", [f"delete from decisions where case_id = {DONE}"]),
    (
        "S03",
        [
            "insert into decisions select gen_random_uuid()::text, storefront, case_id, slot + 1,"
            " 'reject', by, 'leo', actor_role, null, 'other', '', at from decisions"
            f" where case_id = {DONE}"
        ],
    ),
    ("A01", ["delete from tokens where name = 'lea'"]),
    ("A01", ["update case_events set message_id = null where what = 'approved'"]),
    ("A02", ["update payouts set approvals = 2 where way = 'original'"]),
    ("A02", ["delete from decisions where actor = 'leo'"]),
    ("A06", ["update approvals set most_per_order = amount - 1, most_per_day = amount"]),
    ("A06", ["update approvals set most_per_order = amount * 100, most_per_day = amount - 1"]),
    ("A07", ["delete from approvals where what = 'approval'"]),
    ("A07", ["update approvals set order_total = amount - 1 where what = 'approval'"]),
    ("A07", ["update cases set approvals_needed = approvals_needed + 1"]),
    ("A08", ["update approvals set most_per_order = amount where by = 'policy'"]),
    ("A08", ["update approvals set most_per_buyer = amount where by = 'policy'"]),
    ("A08", ["update approvals set most_per_day = day_total - 1 where by = 'policy'"]),
    ("A08", ["update approvals set day_total = amount where by = 'policy'"]),
    ("A08", ["update approvals set customer_id = 'other' where by = 'policy'"]),
    ("A08", ["delete from approvals where by = 'policy'"]),
    ("A03", ["update case_events set actor = '' where seq = 1"]),
    ("A03", ["update case_events set actor_kind = 'nobody' where seq = 1"]),
    ("A05", ["delete from case_events where seq = 2"]),
    ("A05", [f"update cases set version = version + 1 where case_id = {DONE}"]),
    ("T01", ["update claims set storefront = 'other'"]),
    ("T01", ["update cases set opened_by = 'lea'"]),
    ("T01", ["update decisions set storefront = 'other'"]),
    ("P01", [f"update cases set note = 'it is 4111 1111 1111 1111' where case_id = {OPEN}"]),
    ("P01", ["update case_events set detail = detail || ' 4111-1111-1111-1111' where seq = 1"]),
    ("P01", [f"update cases set note = '{FULL_WIDTH}' where case_id = {OPEN}"]),
    ("P01", [f"update cases set note = '{ARABIC}' where case_id = {OPEN}"]),
    ("P01", ["update orders set customer_email = '4111.1111.1111.1111@example.org'"]),
    ("P01", ["update orders set customer_locale = '4111111111111111'"]),
    ("P01", ["update order_lines set category = '4111-1111-1111-1111'"]),
    (
        "P01",
        [
            'update cases set address = address || \'{"city": "4111 1111 1111 1111"}\''
            " where kind <> 'refund'"
        ],
    ),
    ("P02", ["update order_lines set title = '\u200b'"]),
    ("P02", ['update cases set address = address || \'{"name": "\u3164"}\'']),
    ("P02", ["update gateway_differences set note = '\u200b' where state = 'resolved'"]),
    ("P02", ["update review_versions set content = '\u2800 \u00a0'"]),
    ("P02", ["update feedback set subject = '' where subject is not null"]),
    ("P01", ['update inspections set unlisted = \'[{"title": "4111 1111 1111 1111"}]\'']),
    *(
        ("P01", [f"update {table} set {column} = 'it is 4111 1111 1111 1111'"])
        for table, column in (
            ("inspections", "note"),
            ("inspection_lines", "reason"),
            ("review_versions", "content"),
            ("reviews", "reply"),
            ("submission_events", "detail"),
            ("submission_decisions", "note"),
            ("feedback", "subject"),
            ("feedback", "content"),
            ("feedback", "contact"),
            ("feedback_messages", "content"),
            ("gateway_differences", "note"),
        )
    ),
]


@pytest.fixture(scope="module")
def right_books(postgres: Postgres) -> Iterator[Books]:
    """Made once: no test changes them. From here on nothing would keep it from that."""
    postgres.create_database("eventful")
    upgrade(postgres.url("eventful"))
    database = Database(postgres.url("eventful"))
    books = eventful(database)
    exchanged(books)
    said(books)
    books.write("update outbox set delivered_at = now()")
    books.read_gateways()
    books.unguard()
    yield books
    database.close()


@pytest.fixture
def books(right_books: Books) -> Books:
    """The same with a gateway's book that the test may change."""
    mine = copy.copy(right_books)
    mine.book = copy.deepcopy(right_books.book)
    return mine


def test_nothing_is_wrong_with_books_that_are_right(books: Books) -> None:
    findings = books.examine_snapshot()
    assert {f.check.id: f.rows for f in findings if f.rows} == {}
    assert [f.check.id for f in findings if f.not_run] == []


@pytest.mark.parametrize(
    ("check", "statements"), BROKEN, ids=[f"{i}-{c}" for i, (c, _) in enumerate(BROKEN)]
)
def test_a_check_finds_what_it_is_for(books: Books, check: str, statements: list[str]) -> None:
    (tried,) = [each for each in CHECKS if each.id == check]
    assert violated(books.examine(*statements, checks=[tried])) == {check}


def test_a_second_refund_of_one_payout_is_found(books: Books) -> None:
    again = books.book["refunds"][0] | {"id": "re_again"}
    books.book["refunds"].append(again)
    assert "M03" in violated(books.examine())


def test_a_refund_above_what_was_captured_is_found(books: Books) -> None:
    books.book["refunds"][0]["amount"] = 10**6
    assert {"M02", "M03"} <= violated(books.examine())


@pytest.mark.parametrize(
    ("currency", "ours", "sent"),
    [("ISK", 1000, 1000), ("UGX", 700, 700), ("MGA", 20_000, 20_000), ("KWD", 3330, 333)],
)
def test_a_refund_that_was_sent_in_the_wrong_unit_is_found(
    books: Books, currency: str, ours: int, sent: int
) -> None:
    """Everything in our books holds: only the gateway's own statement shows it."""
    refund = books.book["refunds"][0]
    key = f"where key_of.gateway_key = '{refund['key']}' and key_of.payout_id = p.payout_id"
    renamed = f"update payouts p set currency = '{currency}', amount = {ours}"
    counted = [f"{renamed} from payout_attempts key_of {key}"]
    refund |= {"currency": currency.lower(), "amount": to_stripe(ours, currency)}
    assert "M03" not in violated(books.examine(*counted))
    refund |= {"amount": sent}
    assert "M03" in violated(books.examine(*counted))
    refund |= {"key": "not-ours"}
    assert {"M03", "M04"} <= violated(books.examine(*counted))


def test_a_refund_that_the_gateway_never_made_is_found(books: Books) -> None:
    del books.book["refunds"][0]
    assert violated(books.examine()) == {"M03"}


def test_a_refund_of_another_payment_is_found(books: Books) -> None:
    books.book["refunds"][0]["charge"] = "ch_other"
    assert "M03" in violated(books.examine())


def test_a_refund_of_what_was_settled_by_hand_is_found(books: Books) -> None:
    with books.database.begin() as session:
        (key,) = session.scalars(select(PayoutAttempt.gateway_key).join(SettledDoubt, OF_DOUBT))
    late = {"id": "re_late", "key": key, "charge": "ch_o-doubt", "amount": 800}
    books.book["refunds"].append(books.book["refunds"][0] | late)
    assert violated(books.examine(checks=MONEY)) == {"M04"}


def test_a_refund_that_nobody_ordered_is_found(books: Books) -> None:
    books.book["refunds"].append(books.book["refunds"][0] | {"id": "re_x", "key": "not-ours"})
    assert "M04" in violated(books.examine())


def test_a_fresh_refund_may_still_be_on_its_way_into_our_books(books: Books) -> None:
    fresh = {"id": "re_x", "key": "not-ours", "amount": 1, "created": 32_503_680_000}
    books.book["refunds"].append(books.book["refunds"][0] | fresh)
    assert violated(books.examine()) == set()


def test_parties_that_are_not_the_sandbox_are_not_held_against_it(books: Books) -> None:
    books.book["ways"] = ["original"]
    books.book["transfers"] = []
    findings = books.examine()
    assert violated(findings) == set()
    assert {f.check.id for f in findings if f.not_run} == {"G04", "R04"}


def test_a_refund_that_a_person_has_seen_to_is_not_held_against_anybody(books: Books) -> None:
    meant = {"id": "re_meant", "key": None, "amount": 1}
    books.book["refunds"].append(books.book["refunds"][0] | meant)
    assert violated(books.examine()) == set()


def test_a_payout_settled_after_the_lists_were_read_is_not_missed(books: Books) -> None:
    del books.book["refunds"][0]
    late = "update payouts set settled_at = now() + interval '1 second' where state = 'paid'"
    assert violated(books.examine(late)) == set()


def test_work_that_was_ordered_twice_is_found(books: Books) -> None:
    books.book["work_orders"].append(books.book["work_orders"][0] | {"id": "wo_again"})
    assert violated(books.examine()) == {"R04"}


def test_work_that_nobody_ordered_is_found(books: Books) -> None:
    books.book["work_orders"].append(books.book["work_orders"][0] | {"id": "x", "key": "not-ours"})
    assert violated(books.examine()) == {"R04"}


def test_an_open_case_without_a_workflow_is_found(books: Books) -> None:
    short = books.workflows()[1:]
    assert violated(books.examine(*LONG_AGO, workflows=short)) == {"L03"}


def test_an_open_review_without_a_workflow_is_found(books: Books) -> None:
    with books.database.begin() as session:
        found = "select submission_id from submissions where stage = 'on_hold'"
        held = str(session.connection().exec_driver_sql(found).scalar_one())
    short = [each for each in books.workflows() if each["id"] != held]
    findings = books.examine(*LONG_AGO, workflows=short)
    assert violated(findings) == {"L03"}
    (row,) = [row for finding in findings for row in finding.rows]
    assert (str(row["id"]), row["kind"], row["workflow"]) == (held, "review", "NOT_FOUND")


def test_a_published_review_whose_workflow_runs_is_found(books: Books) -> None:
    with books.database.begin() as session:
        seen = str(session.connection().exec_driver_sql(f"select {SEEN}").scalar_one())
    running = [*books.workflows(), {"id": seen, "status": "RUNNING"}]
    assert violated(books.examine(*LONG_AGO, workflows=running)) == {"L03"}


def test_a_closed_case_whose_workflow_runs_is_found(books: Books) -> None:
    with books.database.begin() as session:
        closed = session.connection().exec_driver_sql(f"select {DONE}").scalar_one()
    also = {"id": str(closed), "status": "RUNNING"}
    running = [*books.workflows(), also]
    assert violated(books.examine(*LONG_AGO, workflows=running)) == {"L03"}


@pytest.mark.parametrize(
    "older",
    [
        {"stage": "awaiting_second_audit"},
        {"due_at": "2020-01-01T00:00:00+00:00"},
        {"due_at": None},
    ],
)
def test_a_workflow_that_waits_for_something_else_than_its_row_is_found(
    books: Books, older: dict[str, str | None]
) -> None:
    first, *rest = books.workflows()
    findings = books.examine(*LONG_AGO, workflows=[first | older, *rest])
    assert violated(findings) == {"L03"}
    (row,) = [row for finding in findings for row in finding.rows]
    assert str(row["id"]) == first["id"]
    assert "L03" not in violated(books.examine(workflows=[first | older, *rest]))


def test_a_closed_case_may_have_a_pickup_to_call_off(books: Books) -> None:
    with books.database.begin() as session:
        closed = session.connection().exec_driver_sql(f"select {DONE}").scalar_one()
    calling_off = {"id": str(closed), "status": "RUNNING", "stage": "completed", "due_at": None}
    running = [*books.workflows(), calling_off]
    planned = (
        "insert into effects (effect_id, storefront, case_id, action, n, state, key, planned_at)"
        f" values (gen_random_uuid(), 'demo', '{closed}', 'cancel_pickup', 1, 'planned', 'k',"
        " now())"
    )
    assert violated(books.examine(*LONG_AGO, planned, workflows=running)) == set()
    assert violated(books.examine(*LONG_AGO, workflows=running)) == {"L03"}


def test_a_workflow_of_no_case_is_found(books: Books) -> None:
    stray = {"id": "0198c0de-0000-7000-8000-000000000000", "status": "RUNNING"}
    assert violated(books.examine(workflows=[*books.workflows(), stray])) == {"L03"}


def test_without_an_outside_party_its_checks_are_not_run_and_say_why(books: Books) -> None:
    findings = books.examine(book="away", workflows="away too", gateways="unread")
    assert {f.check.id: f.not_run for f in findings if f.not_run} == {
        "M02": "unread",
        "M03": "unread",
        "M04": "unread",
        "G04": "away",
        "B04": "away",
        "R04": "away",
        "L03": "away too",
    }


def test_the_card_number_that_was_found_is_not_told(books: Books) -> None:
    noted = "update cases set note = '4111 1111 1111 1111'"
    (finding,) = [f for f in books.examine(noted) if f.check.id == "P01"]
    assert len(finding.rows) > 1
    assert "4111" not in str(finding.rows)


def test_every_check_is_tried_here() -> None:
    outside = {"M02", "M03", "M04", "L03"}
    assert {check.id for check in CHECKS} == outside | {check for check, _ in BROKEN}


NO_FREE_TEXT = set(
    """
    account action actor actor_kind actor_role answer attention base by carrier category channel
    charge code condition currency customer_phone direction disposition ended entry found from_stage
    gateway_key grade intent key kind last4 location models money move name outcome owner
    payment payout_last4 payout_to placed_by policy provider reason refusal released_by remedy
    resolved_by role route said serial serial_in serial_out sku stage standing state status
    storefront subject_kind supplier to_stage topic tracking_number type url verdict waiting_for
    warehouse way what
    """.split()
)
"""Columns of text that nobody writes freely: codes and names of ours, ids from outside, phones, and
what models say of a text without its words. References are the gateways' own.
"""


def test_every_text_that_people_write_is_searched_for_card_numbers() -> None:
    searched = {(table, column) for table, _, columns in TEXTS for column in columns}
    searched |= {
        ("case_events", "detail"),
        ("cases", "address"),
        ("inspections", "unlisted"),
        ("payouts", "reference"),
    }
    searched |= {("arrivals", "lines"), ("arrivals", "unlisted")}
    written = {
        (table.name, column.name)
        for table in Table.metadata.sorted_tables
        for column in table.columns
        if isinstance(column.type, String | JSONB)
        and not (column.foreign_keys or column.name.endswith("_id") or column.name in NO_FREE_TEXT)
    }
    assert written - searched - {("effects", "reference")} == set()
