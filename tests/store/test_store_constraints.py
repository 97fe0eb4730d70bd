"""What does PostgreSQL itself refuse, whatever the code above forgets?"""

from uuid import UUID

import pytest
from alembic import command
from sqlalchemy import Engine, create_engine, inspect, text
from sqlalchemy.exc import DBAPIError

from store.migrations import configuration, upgrade
from store.session import Database
from tests.store.till import Till


@pytest.fixture
def case_id(till: Till) -> UUID:
    """A case for 10.00 of a payment of 10.00, half of its way through: its money is reserved."""
    case_id = till.approved()
    till.call(case_id)
    return case_id


def complaint(database: Database, *statements: str) -> str:
    """What PostgreSQL says against these statements at their commit at the latest."""
    try:
        with database.begin() as session:
            for statement in statements:
                session.execute(text(statement))
    except DBAPIError as refusal:
        return str(refusal.orig)
    return "nothing"


@pytest.mark.parametrize(
    ("statement", "constraint"),
    [
        ("update payments set reserved = captured + 1", "payments_captured_not_exceeded"),
        ("update payments set refunded = captured", "payments_captured_not_exceeded"),
        ("update payments set reserved = -1", "payments_captured_not_exceeded"),
        ("update cases set approved = total + 1", "cases_paid_within_total"),
        ("update cases set paid = total + 1", "cases_paid_within_total"),
        ("update cases set paid = -1", "cases_paid_within_total"),
        ("update cases set items = items + 1", "cases_total_adds_up"),
        ("update cases set stage = 'lost'", "cases_stage_known"),
        ("update cases set kind = 'return'", "cases_goods_have_address"),
        ("update cases set kind = 'return', address = 'null'", "cases_goods_have_address"),
        ("update cases set stage = 'completed'", "cases_closed_whole"),
        ("update cases set closed_at = now()", "cases_closed_whole"),
        ("update cases set outcome = 'refunded'", "cases_closed_whole"),
        ("update cases set stage = 'needs_attention'", "cases_parked_why"),
        ("update cases set payout_to = 'bank_card'", "cases_card_has_token"),
        ("update payouts set amount = 0", "payouts_amount_positive"),
        ("update payouts set state = 'paid'", "payouts_settled"),
        ("update payouts set state = 'unknown'", "payouts_unknown_since"),
        ("update payouts set ask_again_at = now()", "payouts_ask_again_at"),
        ("update orders set shipping_reserved = 1", "orders_shipping_not_exceeded"),
        ("update order_lines set tax = paid + 1", "order_lines_tax_within_paid"),
        ("update order_lines set quantity = 0", "order_lines_quantity_positive"),
        ("update claims set released_at = now(), settled_at = now()", "released_or_settled"),
        ("update claims set units = 'empty'", "claims_units_counted_from_one"),
        ("update claims set units = '[0,2)'", "claims_units_counted_from_one"),
        ("update tokens set storefront = 'demo' where name = 'lea'", "tokens_storefront_bound"),
        ("update token_limits set amount = -1", "token_limits_amount_not_negative"),
    ],
)
def test_a_row_that_cannot_be_is_refused(
    database: Database, case_id: UUID, statement: str, constraint: str
) -> None:
    assert constraint in complaint(database, statement)


def test_no_unit_has_two_owners(database: Database, case_id: UUID) -> None:
    claim = """
        insert into claims (storefront, case_id, order_line_id, position, units)
        select storefront, case_id, order_line_id, 9, '[2,3)' from claims
    """
    assert "claims_one_owner" in complaint(database, claim)
    with database.begin() as session:
        session.execute(text("update claims set released_at = now()"))
        session.execute(text(claim))
        session.execute(text("delete from claims where position = 9"))
        session.execute(text("update claims set released_at = null"))


def test_credits_of_a_line_never_overlap(database: Database, case_id: UUID) -> None:
    credit = """
        insert into unit_credits (storefront, order_line_id, units, paid, tax)
        select storefront, order_line_id, '[1,3)', {}, 0 from claims
    """
    assert "unit_credits_apart" in complaint(database, credit.format(1), credit.format(1))
    assert "unit_credits_not_negative" in complaint(database, credit.format(-1))


def test_the_payouts_of_a_case_never_hold_more_than_it_pays(
    database: Database, case_id: UUID
) -> None:
    twice = """
        insert into payouts (payout_id, storefront, case_id, order_id, n, payment_id, way, amount,
            currency, state, attempt, approvals, code, reserved_at)
        select gen_random_uuid(), storefront, case_id, order_id, 2, payment_id, way, amount,
            currency, 'reserved', 1, 1, '', now() from payouts
    """
    assert "are more than it pays" in complaint(database, twice)
    failed = "update payouts set state = 'failed'"
    back = "update payouts set state = 'reserved'"
    assert "are more than it pays" in complaint(database, failed, twice, back)
    assert "payouts_case_id_n_key" in complaint(
        database, twice.replace(" 2, payment", " n, payment")
    )


def test_a_gateway_key_and_a_ledger_entry_are_made_once(database: Database, case_id: UUID) -> None:
    key = """
        insert into payout_attempts (payout_id, attempt, storefront, gateway_key, state, code)
        select payout_id, 2, storefront, gateway_key, 'created', '' from payout_attempts
    """
    assert "payout_attempts_gateway_key_key" in complaint(database, key)
    entry = """
        insert into ledger_postings
            (storefront, payout_id, attempt, entry, account, currency, amount, at)
        select storefront, payout_id, attempt, entry, account, currency, amount, at
        from ledger_postings
    """
    assert "ledger_postings_payout_id_attempt" in complaint(database, entry)


def test_a_decision_has_its_slot_to_itself(database: Database, case_id: UUID) -> None:
    decision = """
        insert into decisions (decision_id, storefront, case_id, slot, verdict, by, actor,
            actor_role, reason, note, at)
        select 'another', storefront, case_id, {}, 'reject', by, actor, actor_role, {}, note, at
        from decisions
    """
    assert "decisions_case_id_slot_key" in complaint(database, decision.format(1, "'other'"))
    assert "decisions_reject_has_reason" in complaint(database, decision.format(2, "null"))


@pytest.mark.parametrize("table", ["case_events", "decisions", "ledger_postings", "resumes"])
@pytest.mark.parametrize(
    "change", ["update {} set storefront = storefront", "delete from {}", "truncate {} cascade"]
)
def test_history_is_only_ever_appended_to(till: Till, table: str, change: str) -> None:
    case_id = till.approved(payments=[{"payment": "cash", "provider": "offline", "captured": 1000}])
    till.begin(case_id)
    till.shop.resume(case_id, action="settle", reference="receipt 7")
    assert f"{table} is append-only" in complaint(till.shop.database, change.format(table))


def test_a_ledger_entry_that_does_not_sum_to_zero_cannot_be_committed(
    database: Database, case_id: UUID
) -> None:
    posting = """
        insert into ledger_postings
            (storefront, payout_id, attempt, entry, account, currency, amount, at)
        select storefront, payout_id, attempt, 'void', '{}', currency, {}, now() from payouts
    """
    said = complaint(database, posting.format("reserved", -1000))
    assert "does not sum to zero" in said
    said = complaint(database, posting.format("reserved", -1000), posting.format("captured", 999))
    assert "does not sum to zero" in said
    assert "amount_not_zero" in complaint(database, posting.format("reserved", 0))
    with database.begin() as session:  # looked at when all is written, not before
        session.execute(text(posting.format("reserved", -1000)))
        session.execute(text(posting.format("captured", 1000)))
        session.execute(text("set constraints all immediate"))
        session.rollback()


def test_the_migrations_make_the_tables_that_the_code_has(database_url: str) -> None:
    command.check(configuration(database_url))


def test_the_migrations_go_down_to_nothing_and_up_again(database_url: str) -> None:
    engine = create_engine(database_url)
    before = _schema(engine)
    command.downgrade(configuration(database_url), "base")
    assert set(_schema(engine)) == {"alembic_version"}
    upgrade(database_url)
    upgrade(database_url)
    assert _schema(engine) == before
    command.check(configuration(database_url))
    engine.dispose()


def _schema(engine: Engine) -> dict[str, set[str]]:
    """Each table with its columns, constraints, indices and triggers."""
    seen = inspect(engine)
    schema = {
        table: {f"{c['name']} {c['type']} {c['nullable']}" for c in seen.get_columns(table)}
        for table in seen.get_table_names()
    }
    parts = """
        select conrelid::regclass::text, pg_get_constraintdef(oid) from pg_constraint
        where connamespace = 'public'::regnamespace and conrelid <> 0
        union all select tablename, indexdef from pg_indexes where schemaname = 'public'
        union all select tgrelid::regclass::text, pg_get_triggerdef(oid) from pg_trigger
        where not tgisinternal
    """
    with engine.connect() as connection:
        for table, definition in connection.execute(text(parts)):
            schema[table].add(definition)
    return schema
