"""A parcel of hundreds of lines is counted in one go: no line has the whole case read again."""

from typing import Any
from uuid import UUID

from sqlalchemy import event

from tests.shop import order_body, return_body
from tests.store.dock import Dock
from tests.store.till import Till


def test_each_line_more_costs_an_inspection_the_same_few_rows(till: Till) -> None:
    dock = Dock(till)
    few, many = rows_read(dock, 10), rows_read(dock, 40)
    assert many <= 4 * few


def test_putting_back_takes_the_same_few_statements_whatever_the_lines(till: Till) -> None:
    dock = Dock(till)
    assert statements_of_putting_back(dock, 40) == statements_of_putting_back(dock, 2)


def statements_of_putting_back(dock: Dock, lines: int) -> int:
    """How many statements it takes to put so many lines back, from the call to its conclusion."""
    case_id = to_return(dock, lines)
    found = {"received": 2, "accepted": 2, "disposition": "restock"}
    dock.count(case_id, [{"line": line, **found} for line in range(1, lines + 1)])
    statements = 0

    def count(*_: object) -> None:
        nonlocal statements
        statements += 1

    event.listen(dock.shop.database.engine, "after_cursor_execute", count)
    dock.done(case_id)
    event.remove(dock.shop.database.engine, "after_cursor_execute", count)
    assert dock.on_shelf(f"SKU{lines}") >= 2
    return statements


def to_return(dock: Dock, lines: int) -> UUID:
    """An approved return of so many lines of two units, whose pickup is booked."""
    order_id = f"of-{lines}"
    dock.shop.sell(order_id, order_body(*((2, 100) for _ in range(lines))))
    asked = [(line, 2) for line in range(1, lines + 1)]
    case_id = dock.shop.apply(return_body(*asked, order_id=order_id)).case_id
    dock.shop.approve(case_id)
    return dock.collected(case_id, order_id)


def rows_read(dock: Dock, lines: int) -> int:
    """How many rows a count of so many lines reads, each with a unit that is not accepted."""
    case_id = to_return(dock, lines)
    rows = 0

    def count(_connection: object, cursor: Any, *_: object) -> None:
        nonlocal rows
        rows += max(0, cursor.rowcount)

    event.listen(dock.shop.database.engine, "after_cursor_execute", count)
    found = {"received": 2, "accepted": 1, "reason": "worn", "disposition": "scrap"}
    dock.count(case_id, [{"line": line, **found} for line in range(1, lines + 1)])
    event.remove(dock.shop.database.engine, "after_cursor_execute", count)
    return rows
