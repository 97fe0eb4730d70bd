"""What do files of orders and returns say? CSV, gzipped if the name ends in `.gz`; prices in GBP.

Decimals become whole pennies or are refused: no float ever touches them.
"""

import csv
import gzip
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import IO

from pydantic import ValidationError

from domain.orders import OrderPut
from domain.refusals import Refusal
from ops.failures import Failed

CURRENCY = "GBP"
PENNIES = 100

ORDER_FIELDS = (
    "order_id",
    "line",
    "sku",
    "title",
    "quantity",
    "unit_price",
    "ordered_at",
    "customer_id",
)
RETURN_FIELDS = ("return_id", "order_id", "line", "quantity", "amount")

Row = dict[str, str]


@dataclass(frozen=True)
class Sale:
    """An order of the file. `total` is in pennies; its payment is not known yet."""

    order_id: str
    total: int
    lines: list[dict[str, object]]
    head: dict[str, object]

    def paid_by(self, payment: str) -> OrderPut:
        """The order, paid whole by this payment. Raises Failed if it is none we take."""
        paid = {"payment": payment, "provider": "stripe", "method": "card", "captured": self.total}
        try:
            body = OrderPut.model_validate({**self.head, "lines": self.lines, "payments": [paid]})
            body.balance()
        except ValidationError as error:
            first = error.errors(include_input=False)[0]
            where = ".".join(map(str, first["loc"]))
            raise Failed(f"order {self.order_id}: {where}: {first['msg']}") from None
        except Refusal as refusal:
            raise Failed(f"order {self.order_id}: {refusal.detail}") from None
        return body


@dataclass(frozen=True)
class Claimed:
    """One case of a file of returns: units by line, and the pennies the buyer got for them."""

    return_id: str
    order_id: str
    lines: dict[int, int]
    amount: int


def read_sales(path: Path) -> dict[str, Sale]:
    """The orders of a file by id, in its order. Raises Failed, naming the row."""
    heads: dict[str, dict[str, object]] = {}
    lines: defaultdict[str, list[dict[str, object]]] = defaultdict(list)
    totals: Counter[str] = Counter()
    for number, row in _rows(path, ORDER_FIELDS):
        quantity = _whole(row["quantity"], path, number)
        paid = _pennies(quantity * _price(row["unit_price"], path, number), path, number)
        head = {"customer": {"id": row["customer_id"]}, "ordered_at": row["ordered_at"]}
        line: dict[str, object] = {"sku": row["sku"], "title": row["title"]}
        line |= {"line": _whole(row["line"], path, number), "quantity": quantity, "paid": paid}
        heads.setdefault(row["order_id"], {"currency": CURRENCY, **head})
        lines[row["order_id"]].append(line)
        totals[row["order_id"]] += paid
    return {
        order_id: Sale(order_id, totals[order_id], lines[order_id], head)
        for order_id, head in heads.items()
    }


def read_returns(path: Path) -> list[Claimed]:
    """The cases of a file: one for each (return, order), a line named twice added up."""
    cases: dict[tuple[str, str], Claimed] = {}
    for number, row in _rows(path, RETURN_FIELDS):
        pair = (row["return_id"], row["order_id"])
        line, quantity = (_whole(row[name], path, number) for name in ("line", "quantity"))
        before = cases.get(pair) or Claimed(*pair, {}, 0)
        cases[pair] = Claimed(
            *pair,
            before.lines | {line: before.lines.get(line, 0) + quantity},
            before.amount + _pennies(_price(row["amount"], path, number), path, number),
        )
    return list(cases.values())


def _rows(path: Path, fields: tuple[str, ...]) -> Iterator[tuple[int, Row]]:
    try:
        with _opened(path) as file:
            rows = csv.DictReader(file, strict=True)
            missing = [name for name in fields if name not in (rows.fieldnames or ())]
            if missing:
                raise Failed(f"{path}: has no column {missing[0]}")
            for row in rows:
                if None in row or any(row[name] is None for name in fields):
                    raise Failed(f"{path}, row {rows.line_num}: more or fewer fields than columns")
                yield rows.line_num, row
    except (csv.Error, UnicodeDecodeError, EOFError, gzip.BadGzipFile) as error:
        raise Failed(f"{path} is not such a file: {error}") from None


def _opened(path: Path) -> IO[str]:
    if path.suffix == ".gz":
        return gzip.open(path, "rt", encoding="utf-8", newline="")
    return path.open(encoding="utf-8", newline="")


def _whole(text: str, path: Path, number: int) -> int:
    if not (text.isascii() and text.isdecimal() and 0 < len(text) <= 9):
        raise Failed(f"{path}, row {number}: {text!r} is not a whole number")
    return int(text)


def _price(text: str, path: Path, number: int) -> Decimal:
    try:
        price = Decimal(text)
    except InvalidOperation:
        price = Decimal("NaN")
    if not (price.is_finite() and 0 <= price < 10**12):
        raise Failed(f"{path}, row {number}: {text!r} is not a price")
    return price


def _pennies(amount: Decimal, path: Path, number: int) -> int:
    pennies = amount * PENNIES
    if pennies != int(pennies):
        raise Failed(f"{path}, row {number}: {amount} is not a whole number of pennies")
    return int(pennies)
