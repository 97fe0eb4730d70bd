"""Is a file of orders read as its program wrote it, and refused where it contradicts itself?"""

import codecs
import gzip
from datetime import datetime
from itertools import product
from pathlib import Path

import pytest

from ops.failures import Failed
from ops.order_files import Sale, read_returns, read_sales
from tests.ops.files import AT, ORDER, RETURN

ROW = ("o1", "1", "SKU1", "Café, small", "2", "1.50", AT, "17850", "Eire")


def text(*rows: tuple[str, ...], delimiter: str = ",", end: str = "\n") -> str:
    """A file's text, each of its cells in quotes."""
    return "".join(
        delimiter.join(f'"{cell}"' for cell in row) + end for row in (tuple(ORDER), *rows)
    )


def row(**changes: str) -> tuple[str, ...]:
    return tuple({**dict(zip(ORDER, ROW, strict=True)), **changes}.values())


def read(tmp_path: Path, content: bytes | str, name: str = "orders.csv") -> dict[str, Sale]:
    path = tmp_path / name
    content = content.encode() if isinstance(content, str) else content
    path.write_bytes(gzip.compress(content) if name.endswith(".gz") else content)
    return read_sales(path)


def complaint(tmp_path: Path, content: bytes | str) -> str:
    with pytest.raises(Failed) as failed:
        read(tmp_path, content)
    assert "\n" not in str(failed.value)
    return str(failed.value)


@pytest.mark.parametrize("name", ["orders.csv", "orders.csv.gz"])
def test_a_file_is_read_as_any_program_writes_it(tmp_path: Path, name: str) -> None:
    marks = (b"", codecs.BOM_UTF8)
    for mark, delimiter, end in product(marks, (",", ";", "\t"), ("\n", "\r\n", "\r")):
        content = text(ROW, row(line="2"), delimiter=delimiter, end=end)
        for written in (content, content.removesuffix(end), content.replace('"o1"', "o1")):
            (sale,) = read(tmp_path, mark + written.encode(), name).values()
            assert (sale.total, sale.rows) == (600, {1: 2, 2: 3}), (mark, delimiter, end)
            assert sale.lines[0]["title"] == "Café, small"


def test_a_file_of_names_alone_has_no_orders(tmp_path: Path) -> None:
    assert read(tmp_path, text()) == {}


def test_returns_are_read_likewise(tmp_path: Path) -> None:
    path = tmp_path / "returns.csv"
    cells = ";".join(RETURN) + "\r\n" + ";".join(("r1", "o1", "1", "2", "1.50", "3.00", AT))
    path.write_bytes(codecs.BOM_UTF8 + cells.encode())
    (claimed,) = read_returns(path)
    assert (claimed.return_id, claimed.lines, claimed.amount) == ("r1", {1: 2}, 300)


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"", "has no commas, semicolons or tabs"),
        (text(ROW).encode("utf-16"), "is UTF-16: save it as UTF-8"),
        (codecs.BOM_UTF16_BE + text(ROW).encode("utf-16-be"), "is UTF-16"),
        (text(ROW).encode("latin-1"), "is not UTF-8"),
        (text(ROW, delimiter="|"), "has no commas, semicolons or tabs"),
        (text(ROW).replace('"title"', '"name"'), "has no column title"),
        (text(ROW).replace('"country"', '"title"'), "has the column title twice"),
        (text(ROW[:-1]), "row 2: more or fewer fields than columns"),
        (text((*ROW, "x")), "row 2: more or fewer fields than columns"),
        (text(ROW) + "\0", "row 3: more or fewer fields than columns"),
        (text(row(order_id="o\n1")), "row 3: 'o\\n1' is no order's id"),
        (text(row(ordered_at="1.12.2010")), "row 2: '1.12.2010' is not a time"),
        (text(ROW, row(line="2", ordered_at="")), "row 3: '' is not a time"),
        (text(ROW) + '"o2', "is not such a file"),
        ("sep=;\n" + text(ROW, delimiter=";"), "has no column order_id"),
        (text(ROW, row(line="2", unit_price="1,50")), "row 3: '1,50' is not a price"),
        (text(ROW, row(line="2", quantity="2.0")), "row 3: '2.0' is not a whole number"),
    ],
)
def test_what_is_no_such_file_is_refused_in_one_line(
    tmp_path: Path, content: bytes | str, what: str
) -> None:
    assert what in complaint(tmp_path, content)


def test_every_contradiction_is_named_by_its_row(tmp_path: Path) -> None:
    told = complaint(
        tmp_path,
        text(
            ROW,
            row(line="2", customer_id="99"),
            row(line="1"),
            row(order_id="o2", line="1", country="France"),
            row(order_id="o2", line="2"),
            row(line="3", ordered_at="2010-12-02T08:26:00Z"),
        ),
    )
    assert told.split("; ") == [
        "row 3: order o1 has the customer_id '17850' in row 2 and '99' here",
        "row 4: order o1 has line 1 in row 2 and here",
        "row 6: order o2 has the country 'France' in row 5 and 'Eire' here",
        f"row 7: order o1 was ordered at {AT} in row 2 and at 2010-12-02T08:26:00Z here",
    ]


def test_of_many_contradictions_the_first_are_named(tmp_path: Path) -> None:
    rows = (row(line=str(n), customer_id=str(n)) for n in range(2, 102))
    told = complaint(tmp_path, text(ROW, *rows))
    assert told.count("row ") == 40  # each names its own and the one that it contradicts
    assert told.endswith("; and 80 more")


def test_an_order_written_line_by_line_was_placed_when_it_was_begun(tmp_path: Path) -> None:
    rows = (row(ordered_at="2010-12-01T08:27:00Z"), row(line="2"))
    (sale,) = read(tmp_path, text(*rows)).values()
    assert sale.paid_by("ch_1").ordered_at == datetime.fromisoformat(AT)


@pytest.mark.parametrize(
    ("changes", "what"),
    [
        ({"title": "\u200b"}, "row 3: order o1: lines.1.title"),
        ({"title": "4111 1111 1111 1111"}, "row 3: order o1: Card numbers are not accepted"),
        ({"sku": "no sku"}, "row 3: order o1: lines.1.sku"),
        ({"line": "0"}, "row 3: order o1: lines.1.line"),
    ],
)
def test_a_line_that_is_not_taken_is_named_by_its_row(
    tmp_path: Path, changes: dict[str, str], what: str
) -> None:
    (sale,) = read(tmp_path, text(ROW, row(**{"line": "2", **changes}))).values()
    with pytest.raises(Failed) as failed:
        sale.paid_by("ch_1")
    assert str(failed.value).startswith(what)
