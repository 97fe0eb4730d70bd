"""Is nothing kept that must not be, and nothing blank? Every text that people write is searched."""

from domain.card_numbers import holds_card_number
from domain.characters import is_blank
from store.invariants.check import Check, Severity

TEXTS: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("cases", "case_id", ("note", "payout_token")),
    ("decisions", "decision_id", ("note",)),
    ("resumes", "resume_id", ("note", "reference", "payout_token")),
    ("payouts", "payout_id", ("token",)),
    ("inspections", "inspection_id", ("note",)),
    ("inspection_lines", "concat_ws('/', case_id, line)", ("reason",)),
    ("arrivals", "arrival_id", ("note",)),
    ("effect_resolutions", "resolution_id", ("note", "reference")),
    ("offers", "offer_id", ("note",)),
    ("diagnoses", "diagnosis_id", ("fault", "note")),
    ("repairs", "case_id", ("note",)),
    (
        "orders",
        "concat_ws('/', storefront, order_id)",
        ("customer_name", "customer_email", "customer_locale"),
    ),
    ("order_lines", "concat_ws('/', storefront, order_id, line)", ("title", "category")),
    ("payments", "concat_ws('/', storefront, order_id)", ("method",)),
    ("review_versions", "concat_ws('/', submission_id, n)", ("content",)),
    ("reviews", "submission_id", ("reply",)),
    ("submission_events", "concat_ws('/', submission_id, seq)", ("detail",)),
    ("submission_decisions", "decision_id", ("note",)),
    ("feedback", "submission_id", ("subject", "content", "contact")),
    ("feedback_messages", "concat_ws('/', submission_id, n)", ("content",)),
    ("charge_assignments", "id", ("note",)),
    ("gateway_differences", "id", ("note",)),
)
"""Where each stands: the table, what names a row of it, and its columns that hold free text."""


def _selected() -> str:
    whole = (
        f"""
        select '{table}.{column}' place, cast({named} as text) id, {column} as text from {table}
        """  # noqa: S608 - our own names
        for table, named, columns in TEXTS
        for column in columns
    )
    # A person books what was paid elsewhere; other references are the gateway's own.
    by_hand = """
        select 'payouts.reference', cast(payout_id as text), reference from payouts
        where way = 'offline'
    """
    # Phones are exempt.
    addresses = """
        select 'cases.address', cast(case_id as text), cast(address - 'phone' as text)
        from cases where jsonb_typeof(address) = 'object'
    """
    # Tracking numbers are exempt, and the carriers' own.
    told = """
        select 'case_events.detail', concat_ws('/', case_id, seq), detail from case_events
        where actor_kind <> 'carrier'
          and what not in ('parcel_named', 'parcel_corrected', 'arrived_unexpected')
    """
    # Found in a parcel: what a thing was called, not its SKU.
    unlisted = """
        select 'inspections.unlisted', inspection_id, item ->> 'title'
        from inspections cross join jsonb_array_elements(unlisted) item
    """
    arrived = """
        select 'arrivals.lines', cast(arrival_id as text), item ->> 'reason'
        from arrivals cross join jsonb_array_elements(lines) item
        union all
        select 'arrivals.unlisted', cast(arrival_id as text), item ->> 'title'
        from arrivals cross join jsonb_array_elements(unlisted) item
    """
    return "union all".join((*whole, by_hand, addresses, told, unlisted, arrived))


REQUIRED: tuple[tuple[str, str, str, str], ...] = (
    ("order_lines", "concat_ws('/', storefront, order_id, line)", "title", "true"),
    ("resumes", "resume_id", "reference", "action = 'settle'"),
    ("cases", "case_id", "address ->> 'name'", "jsonb_typeof(address) = 'object'"),
    ("cases", "case_id", "address ->> 'city'", "jsonb_typeof(address) = 'object'"),
    ("inspection_lines", "concat_ws('/', case_id, line)", "reason", "accepted < received"),
    ("diagnoses", "diagnosis_id", "fault", "true"),
    ("review_versions", "concat_ws('/', submission_id, n)", "content", "true"),
    ("reviews", "submission_id", "reply", "reply is not null"),
    ("feedback", "submission_id", "subject", "subject is not null"),
    ("feedback", "submission_id", "content", "content is not null"),
    ("feedback_messages", "concat_ws('/', submission_id, n)", "content", "true"),
    ("gateway_differences", "id", "note", "state = 'resolved'"),
)
"""Where a text is required: the table, what names a row of it, the text, and when."""


def _required() -> str:
    return "union all".join(
        f"""
        select '{table}' place, cast({named} as text) id, {text} as text from {table} where {when}
        """  # noqa: S608 - our own names
        for table, named, text, when in REQUIRED
    )


CHECKS = (
    Check(
        "P01",
        Severity.CRITICAL,
        "a text holds a whole card number",
        f"""
        with texts as (
            {_selected()}
        )
        -- Nearly all are no candidates by a count of bytes that costs a tenth of an expression.
        select place, id, text from (
            select place, id, case when octet_length(text) > length(text)
                or length(text) - length(translate(text, '0123456789', '')) >= 13
                then regexp_replace(
                    text, '[0-9a-f]{{8}}(-[0-9a-f]{{4}}){{3}}-[0-9a-f]{{12}}', '', 'gi') end text
            from texts
        ) bare
        -- All but ASCII that is no digit: what else is a digit, `holds_card_number` knows.
        where length(regexp_replace(text, '[\\x01-\\x2f\\x3a-\\x7f]', '', 'g')) >= 13
        """,  # noqa: S608 - our own names
        keeps=holds_card_number,
    ),
    Check(
        "P02",
        Severity.HIGH,
        "a text that is required shows nothing",
        f"""
        with texts as (
            {_required()}
        )
        -- Of what holds no ASCII that is seen, `is_blank` knows.
        select place, id, text from texts where text !~ '[!-~]'
        """,  # noqa: S608 - our own names
        keeps=is_blank,
    ),
)
