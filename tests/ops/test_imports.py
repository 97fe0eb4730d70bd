"""Does a file of orders become the orders it says, once?"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from store import orders
from store.bulk_orders import in_books
from store.session import Database
from store.tables import Order
from tests.ops.files import orders_file
from tests.ops.programs import Said, aftersales
from tests.sandbox_process import Sandbox, running_sandbox
from tests.shop import NOW

ROWS = (("536365", 1, 6, "2.55"), ("536365", 2, 3, "2.1"), ("536366", 1, 74_215, "1.04"))


@pytest.fixture
def sandbox(tmp_path: Path) -> Iterator[Sandbox]:
    with running_sandbox(tmp_path / "sandbox") as sandbox:
        yield sandbox


def imported(url: str, path: Path, *options: str, **variables: str) -> Said:
    return aftersales(
        "import", path, "--storefront", "s", *options, AFTERSALES_DATABASE_URL=url, **variables
    )


def total(database: Database, order_id: str) -> tuple[list[int], int, str]:
    with database.begin() as session:
        order = orders.read_order(session, "s", order_id)
        (payment,) = order.payments
        return [line.paid for line, _ in order.lines], payment.captured, payment.payment


def test_lines_are_worth_quantity_times_price_in_whole_pennies(
    database_url: str, database: Database, tmp_path: Path
) -> None:
    said = imported(database_url, orders_file(tmp_path / "orders.csv.gz", *ROWS))
    assert said.code == 0, said.err
    assert total(database, "536365") == ([1530, 630], 2160, "ch_536365")
    assert total(database, "536366") == ([7_718_360], 7_718_360, "ch_536366")


def test_quoted_titles_stay_whole(database_url: str, database: Database, tmp_path: Path) -> None:
    imported(database_url, orders_file(tmp_path / "orders.csv", *ROWS))
    with database.begin() as session:
        line, _ = orders.read_order(session, "s", "536366").lines[0]
    assert line.title == 'T-LIGHT, "SMALL"'


def test_a_second_import_changes_nothing(
    database_url: str, database: Database, tmp_path: Path
) -> None:
    path = orders_file(tmp_path / "orders.csv", *ROWS)
    imported(database_url, path)
    with database.begin() as session:
        before = [line.id for line, _ in orders.read_order(session, "s", "536365").lines]
    said = imported(database_url, path)
    assert "0 of the orders new" in said.out
    with database.begin() as session:
        assert [line.id for line, _ in orders.read_order(session, "s", "536365").lines] == before


def test_a_changed_order_is_brought_up_to_date(
    database_url: str, database: Database, tmp_path: Path
) -> None:
    imported(database_url, orders_file(tmp_path / "orders.csv", *ROWS))
    imported(database_url, orders_file(tmp_path / "orders.csv", ("536366", 1, 2, "1.00")))
    assert total(database, "536366")[:2] == ([200], 200)
    assert total(database, "536365")[:2] == ([1530, 630], 2160)


def test_a_corrected_customer_is_corrected_and_what_else_is_known_stays(
    database_url: str, database: Database, tmp_path: Path
) -> None:
    path = tmp_path / "orders.csv"
    imported(database_url, orders_file(path, *ROWS))
    with database.begin() as session:
        order = session.get_one(Order, ("s", "536365"))
        order.delivered_at, order.customer_name, order.frozen_at = NOW, "A. Buyer", NOW
    for customer, name in (("17850", "A. Buyer"), ("17851", None)):
        said = imported(database_url, orders_file(path, *ROWS, customer=customer))
        assert said.code == 0, said.err
        with database.begin() as session:
            order = session.get_one(Order, ("s", "536365"))
            known = (order.customer_id, order.customer_name, order.delivered_at)
        assert known == (customer, name, NOW)


def test_an_order_that_has_cases_takes_no_other_amounts_and_nothing_is_imported(
    database_url: str, database: Database, tmp_path: Path, sandbox: Sandbox
) -> None:
    path = tmp_path / "orders.csv"
    imported(database_url, orders_file(path, *ROWS))
    with database.begin() as session:
        for order_id in ("536365", "536366"):
            session.get_one(Order, ("s", order_id)).frozen_at = NOW
    rows = [("new", 1, 1, "1.00"), (*ROWS[0][:3], "2.56"), *ROWS[1:2], (*ROWS[2][:2], 1, "1.04")]
    said = imported(database_url, orders_file(path, *rows), AFTERSALES_SANDBOX_URL=sandbox.url)
    assert (said.code, said.err.count("\n")) == (1, 1)
    assert "row 3: order 536365 has cases" in said.err
    assert "row 5: order 536366 has cases" in said.err
    assert sandbox.book()["charges"] == []
    with database.begin() as session:
        assert in_books(session, "s", ["new"]) == {}
    assert total(database, "536365")[1] == 2160


def test_two_customers_in_one_order_are_refused_and_nothing_is_imported(
    database_url: str, database: Database, tmp_path: Path
) -> None:
    path = orders_file(tmp_path / "orders.csv", *ROWS)
    path.write_text(path.read_text().replace("17850", "99", 1))
    said = imported(database_url, path)
    assert (said.code, said.err.count("\n")) == (1, 1)
    assert "row 3: order 536365 has the customer_id '99' in row 2 and '17850' here" in said.err
    with database.begin() as session:
        assert in_books(session, "s", ["536365", "536366"]) == {}


def test_charges_are_made_once_however_often_it_runs(
    database_url: str, database: Database, tmp_path: Path, sandbox: Sandbox
) -> None:
    path = orders_file(tmp_path / "orders.csv", *ROWS)
    for _ in range(2):
        said = imported(database_url, path, AFTERSALES_SANDBOX_URL=sandbox.url)
        assert said.code == 0, said.err
    charges = sandbox.book()["charges"]
    assert sorted(charge["amount"] for charge in charges) == [2160, 7_718_360]
    assert total(database, "536365")[2] in {charge["id"] for charge in charges}


def test_no_charge_is_made_where_none_is_wanted(
    database_url: str, database: Database, tmp_path: Path, sandbox: Sandbox
) -> None:
    path = orders_file(tmp_path / "orders.csv", *ROWS)
    imported(database_url, path, "--no-charge", AFTERSALES_SANDBOX_URL=sandbox.url)
    assert sandbox.book()["charges"] == []
    assert total(database, "536365")[2] == "ch_536365"


def test_an_order_worth_nothing_is_put_and_not_charged(
    database_url: str, database: Database, tmp_path: Path, sandbox: Sandbox
) -> None:
    path = orders_file(tmp_path / "orders.csv", ("543599", 1, 16, "0.00"))
    said = imported(database_url, path, AFTERSALES_SANDBOX_URL=sandbox.url)
    assert said.code == 0, said.err
    assert sandbox.book()["charges"] == []
    assert total(database, "543599") == ([0], 0, "ch_543599")


@pytest.mark.parametrize(
    ("row", "complaint"),
    [
        (("o", 1, 1, "0.005"), "not a whole number of pennies"),
        (("o", 1, 1, "NaN"), "is not a price"),
        (("o", 1, 1, "-1"), "is not a price"),
        (("o", 1, 0, "1.00"), "order o: lines.0.quantity"),
        (("no such id", 1, 1, "1.00"), "order no such id: payments.0.payment"),
    ],
)
def test_a_row_that_means_nothing_is_named_and_nothing_is_imported(
    database_url: str,
    database: Database,
    tmp_path: Path,
    row: tuple[str, int, int, str],
    complaint: str,
) -> None:
    said = imported(database_url, orders_file(tmp_path / "orders.csv", ROWS[0], row))
    assert (said.code, said.err.count("\n")) == (1, 1)
    assert complaint in said.err
    with database.begin() as session:
        assert in_books(session, "s", ["536365"]) == {}


def test_a_file_of_something_else_is_refused_in_one_line(database_url: str, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("name,value\nx,1\n")
    (tmp_path / "b.csv.gz").write_text("not gzip")
    for path, complaint in (
        (tmp_path / "a.csv", "has no column order_id"),
        (tmp_path / "b.csv.gz", "is not such a file"),
        (tmp_path / "none.csv", "No such file"),
    ):
        said = imported(database_url, path)
        assert (said.code, said.err.count("\n")) == (1, 1), said.err
        assert complaint in said.err


def test_any_storefront_that_may_have_a_token_may_import(
    database_url: str, database: Database, tmp_path: Path
) -> None:
    path = orders_file(tmp_path / "orders.csv.gz", *ROWS)
    url = {"AFTERSALES_DATABASE_URL": database_url}
    assert aftersales("import", path, "--storefront", "s" * 64, **url).code == 0
    assert aftersales("import", path, "--storefront", "s" * 65, **url).code == 2
    with database.begin() as session:
        assert len(orders.read_order(session, "s" * 64, "536366").lines) == 1
