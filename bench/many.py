"""How do a few cases become a hundred thousand? Every row is copied under names of its own.

A copy differs from what it was copied from in nothing but its ids, so whatever holds of the first
books holds of all. It is written by one INSERT … SELECT a table, beside the triggers.
"""

import re
from typing import Any

from sqlalchemy import ARRAY, Column, Connection, String, Table, Uuid, text

from store.session import Database
from store.tables import Table as Declared

COMMON = {"storefronts", "tokens", "token_limits", "gateway_readings", "satisfaction_days"}
"""What all copies share. The last counts what was said on a day, so it is multiplied instead."""

NAMES = set(
    """
    charge customer_id decision_id diagnosis_id event_id gateway_key id inspection_id intent key
    location message_id offer_id order_id payment reference refund_id resume_id sku
    tracking_number
    """.split()
)
"""Columns of text that tell one thing from another; elsewhere only the UUIDs in a text change."""

APART = 10_000_000
"""Between the numbers of one copy and those of the next."""

_UUID = "([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{6})[0-9a-f]{6}"
# The last digits are random in every kind of UUID that we make, and enough differ before them.
_RENAMED = f"""
    create function pg_temp.renamed(value text, n int) returns text immutable language sql return
        regexp_replace(value, '{_UUID}', '\\1' || lpad(to_hex(n), 6, '0'), 'g')
"""


_RUNNING = """
    update approvals set day_total = counted.total
    from (select id, sum(amount) over (partition by currency, day order by id) total
          from approvals where by = 'policy') counted
    where counted.id = approvals.id
"""
"""What the policy approved in a day runs on from copy to copy."""


def multiply(database: Database, copies: int) -> None:
    """Put so many copies beside what is in the books."""
    with database.engine.begin() as connection:
        connection.exec_driver_sql("set local statement_timeout = 0")
        connection.exec_driver_sql("set local session_replication_role = replica")
        connection.exec_driver_sql(_RENAMED)
        for table in Declared.metadata.sorted_tables:
            if table.name not in COMMON:
                connection.execute(text(_copied(connection, table)), {"copies": copies})
        tally = ("n", "total", "squares", "h1", "h2", "h3", "h4", "h5")
        changes = ", ".join(f"{name} = {name} * {copies + 1}" for name in tally)
        connection.exec_driver_sql(f"update satisfaction_days set {changes}")  # noqa: S608
        connection.exec_driver_sql(_RUNNING)
    with database.engine.begin() as connection:
        connection.exec_driver_sql("set local statement_timeout = 0")
        connection.exec_driver_sql("analyze")


def _copied(connection: Connection, table: Table) -> str:
    columns = [column for column in table.columns if column.computed is None]
    names = ", ".join(f'"{column.name}"' for column in columns)
    values = ", ".join(_value(connection, column) for column in columns)
    copies = "generate_series(1, :copies) copies(copy)"
    return f"insert into {table.name} ({names}) select {values} from {table.name}, {copies}"  # noqa: S608


def _value(connection: Connection, column: Column[Any]) -> str:
    name = f'"{column.name}"'
    kind = column.type.item_type if isinstance(column.type, ARRAY) else column.type
    if column.identity is not None or any(key.column.identity for key in column.foreign_keys):
        return f"{name} + cast(copies.copy as bigint) * {APART}"
    if isinstance(kind, Uuid):
        whole = column.type.compile(connection.dialect)
        return f"cast(pg_temp.renamed(cast({name} as text), copies.copy) as {whole})"
    if not isinstance(column.type, String):
        return name
    holds = f"select bool_or({name} ~ '{_UUID}') from {column.table.name}"  # noqa: S608
    told = connection.exec_driver_sql(holds).scalar_one()
    renamed = f"pg_temp.renamed({name}, copies.copy)" if told else name
    if column.name not in NAMES:
        return renamed
    return f"case when {name} ~ '{_UUID}' then {renamed} else {name} || '-' || copies.copy end"


def multiplied(book: dict[str, Any], copies: int) -> dict[str, Any]:
    """What outside parties have in their books of all that, from what they have of the first."""

    def renamed(name: str, value: Any, n: int) -> Any:
        if name not in NAMES or value is None:
            return value
        changed = re.sub(_UUID, rf"\g<1>{n:06x}", value)
        return changed if re.search(_UUID, value) else f"{value}-{n}"

    return {
        name: [
            *rows,
            *(
                {key: renamed(key, value, n) for key, value in row.items()}
                for n in range(1, copies + 1)
                for row in rows
            ),
        ]
        if name != "ways"
        else rows
        for name, rows in book.items()
    }
