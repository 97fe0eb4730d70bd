"""How are figures written as CSV, so that a spreadsheet reads them and runs none of them?"""

import csv
from collections.abc import Mapping, Sequence
from io import StringIO
from typing import Any

FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet takes for the beginning of something to work out."""


def sheet(rows: Sequence[Mapping[str, Any]]) -> str:
    """RFC 4180, a column for each name that any row has, the first row of names.

    What is inside another has the column `outer_inner`; null is an empty cell. No rows are an
    empty text.
    """
    if not rows:
        return ""
    flat = [_flat(row) for row in rows]
    columns = dict.fromkeys(name for row in flat for name in row)
    text = StringIO()
    writer = csv.writer(text)
    writer.writerow(_plain(name) for name in columns)
    writer.writerows([_plain(row.get(name)) for name in columns] for row in flat)
    return text.getvalue()


def _flat(row: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    cells: dict[str, Any] = {}
    for name, value in row.items():
        if isinstance(value, Mapping):
            cells |= _flat(value, f"{prefix}{name}_")
        else:
            cells[prefix + name] = value
    return cells


def _plain(value: Any) -> str:
    """A cell as text; an apostrophe before it keeps a spreadsheet from working it out."""
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(FORMULA) else text
