"""A parcel of hundreds of lines is counted in one go: no line has the whole case read again."""

from typing import Any

from sqlalchemy import event

from tests.shop import order_body, return_body
from tests.store.dock import Dock
from tests.store.till import Till


def test_each_line_more_costs_an_inspection_the_same_few_rows(till: Till) -> None:
    dock = Dock(till)
    few, many = rows_read(dock, 10), rows_read(dock, 40)
    assert many <= 4 * few


def rows_read(dock: Dock, lines: int) -> int:
    """How many rows a count of so many lines reads, each with a unit that is not accepted."""
    order_id = f"of-{lines}"
    dock.shop.sell(order_id, order_body(*((2, 100) for _ in range(lines))))
    asked = [(line, 2) for line in range(1, lines + 1)]
    case_id = dock.shop.apply(return_body(*asked, order_id=order_id)).case_id
    dock.shop.approve(case_id)
    rows = 0

    def count(_connection: object, cursor: Any, *_: object) -> None:
        nonlocal rows
        rows += max(0, cursor.rowcount)

    event.listen(dock.shop.database.engine, "after_cursor_execute", count)
    found = {"received": 2, "accepted": 1, "reason": "worn", "disposition": "scrap"}
    dock.count(case_id, [{"line": line, **found} for line, _ in asked])
    event.remove(dock.shop.database.engine, "after_cursor_execute", count)
    return rows
