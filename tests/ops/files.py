"""Small files of orders and returns, of the shapes that the real ones have."""

import csv
import gzip
import io
from pathlib import Path

ORDER = "order_id,line,sku,title,quantity,unit_price,ordered_at,customer_id,country".split(",")
RETURN = "return_id,order_id,line,quantity,unit_price,amount,returned_at".split(",")
AT = "2010-12-01T08:26:00Z"


def orders_file(path: Path, *rows: tuple[str, int, int, str], customer: str = "17850") -> Path:
    """Rows are (order, line, quantity, unit price)."""
    return _write(
        path,
        ORDER,
        [
            (order, line, f"SKU{line}", 'T-LIGHT, "SMALL"', quantity, price, AT, customer, "Eire")
            for order, line, quantity, price in rows
        ],
    )


def returns_file(path: Path, *rows: tuple[str, str, int, int, str]) -> Path:
    """Rows are (return, order, line, quantity, amount)."""
    return _write(
        path,
        RETURN,
        [
            (ret, order, line, quantity, "1", amount, AT)
            for ret, order, line, quantity, amount in rows
        ],
    )


def _write(path: Path, names: list[str], rows: list[tuple[object, ...]]) -> Path:
    text = io.StringIO(newline="")
    csv.writer(text).writerows([names, *rows])
    content = text.getvalue().encode()
    path.write_bytes(gzip.compress(content) if path.suffix == ".gz" else content)
    return path
