"""What do files of orders and returns say? Prices are in GBP.

Decimals become whole pennies or are refused: no float ever touches them. What contradicts itself is
refused by its rows; nothing of it is guessed.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import NoReturn

from pydantic import TypeAdapter, ValidationError

from domain.orders import Instant, OrderedLine, OrderPut
from domain.refusals import Refusal
from ops.csv_rows import Row, rows
from ops.failures import Failed

CURRENCY = "GBP"
PENNIES = 100
MOST_NAMED = 20  # contradictions in one message

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

OF_THE_ORDER = ("customer_id", "country")
"""What all rows of an order say alike."""

ONE_SITTING = timedelta(hours=1)
"""A long order is written line by line: its rows may differ by so much, and the earliest counts."""

INSTANT: TypeAdapter[datetime] = TypeAdapter(Instant)


@dataclass
class Sale:
    """An order of the file. `total` is in pennies; its payment is not known yet. `rows` says in
    which row of the file each line stands.
    """

    order_id: str
    first: Row
    ordered_at: datetime
    lines: list[dict[str, object]] = field(default_factory=list)
    rows: dict[int, int] = field(default_factory=dict)
    total: int = 0

    @property
    def row(self) -> int:
        """Where it begins in the file."""
        return next(iter(self.rows.values()))

    def paid_by(self, payment: str) -> OrderPut:
        """The order, paid whole by this payment. Raises Failed if it is none we take."""
        paid = {"payment": payment, "provider": "stripe", "method": "card", "captured": self.total}
        head = {"customer": {"id": self.first["customer_id"]}, "ordered_at": self.ordered_at}
        sold = {"currency": CURRENCY, **head, "lines": self.lines, "payments": [paid]}
        try:
            body = OrderPut.model_validate(sold)
            body.balance()
        except ValidationError as error:
            self._fail(error)
        except Refusal as refusal:
            self._refuse(refusal)
        return body

    def _fail(self, error: ValidationError) -> NoReturn:
        first = error.errors(include_input=False)[0]
        match first["loc"]:
            case ("lines", int(place), *_):
                row = list(self.rows.values())[place]
            case _:
                row = self.row
        where = ".".join(map(str, first["loc"]))
        raise Failed(f"row {row}: order {self.order_id}: {where}: {first['msg']}") from None

    def _refuse(self, refusal: Refusal) -> NoReturn:
        """Of the first line that is refused by itself, if it is one that is."""
        refused = (
            row for line, row in zip(self.lines, self.rows.values(), strict=True) if _refused(line)
        )
        row = next(refused, self.row)
        raise Failed(f"row {row}: order {self.order_id}: {refusal.detail}") from None


def _refused(line: dict[str, object]) -> bool:
    try:
        OrderedLine.model_validate(line)
    except Refusal:
        return True
    return False


@dataclass(frozen=True)
class Claimed:
    """One case of a file of returns: units by line, and the pennies the buyer got for them."""

    return_id: str
    order_id: str
    lines: dict[int, int]
    amount: int


def read_sales(path: Path) -> dict[str, Sale]:
    """The orders of a file by id, in its order. Raises Failed, naming every row that contradicts
    another.
    """
    sales: dict[str, Sale] = {}
    contradictions: list[str] = []
    for number, row in rows(path, ORDER_FIELDS):
        order_id, at = row["order_id"], _instant(row["ordered_at"], path, number)
        if not order_id.isprintable():
            raise Failed(f"{path}, row {number}: {order_id!r} is no order's id")
        sale = sales.setdefault(order_id, Sale(order_id, row, at))
        quantity = _whole(row["quantity"], path, number)
        paid = _pennies(quantity * _price(row["unit_price"], path, number), path, number)
        line = _whole(row["line"], path, number)
        found = _contradictions(sale, row, line, at)
        contradictions += [f"row {number}: order {order_id} {what}" for what in found]
        sale.ordered_at = min(sale.ordered_at, at)
        sold = {"line": line, "quantity": quantity, "paid": paid}
        sale.lines.append({"sku": row["sku"], "title": row["title"], **sold})
        sale.rows.setdefault(line, number)
        sale.total += paid
    refuse(contradictions)
    return sales


def refuse(contradictions: list[str]) -> None:
    """Raises Failed, in one line, if there are any."""
    if contradictions:
        named, more = contradictions[:MOST_NAMED], len(contradictions) - MOST_NAMED
        raise Failed("; ".join(named) + (f"; and {more} more" if more > 0 else ""))


def _contradictions(sale: Sale, row: Row, line: int, at: datetime) -> list[str]:
    """In what this row and the order's rows before it cannot both be right."""
    found = [
        f"has the {name} {sale.first[name]!r} in row {sale.row} and {row[name]!r} here"
        for name in OF_THE_ORDER
        if name in row and row[name] != sale.first[name]
    ]
    if abs(at - sale.ordered_at) > ONE_SITTING:
        first = sale.first["ordered_at"]
        found.append(f"was ordered at {first} in row {sale.row} and at {row['ordered_at']} here")
    if line in sale.rows:
        found.append(f"has line {line} in row {sale.rows[line]} and here")
    return found


def read_returns(path: Path) -> list[Claimed]:
    """The cases of a file: one for each (return, order), a line named twice added up."""
    cases: dict[tuple[str, str], Claimed] = {}
    for number, row in rows(path, RETURN_FIELDS):
        pair = (row["return_id"], row["order_id"])
        line, quantity = (_whole(row[name], path, number) for name in ("line", "quantity"))
        before = cases.get(pair) or Claimed(*pair, {}, 0)
        cases[pair] = Claimed(
            *pair,
            before.lines | {line: before.lines.get(line, 0) + quantity},
            before.amount + _pennies(_price(row["amount"], path, number), path, number),
        )
    return list(cases.values())


def _instant(text: str, path: Path, number: int) -> datetime:
    try:
        return INSTANT.validate_python(text)
    except ValidationError:
        raise Failed(f"{path}, row {number}: {text!r} is not a time as RFC 3339 has it") from None


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
