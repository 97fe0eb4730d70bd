"""Do the real orders and returns of a retailer come out to the penny?"""

import os
from pathlib import Path
from uuid import UUID

import pytest

from ops.order_files import Claimed, Sale, read_returns, read_sales
from store.bulk_orders import put_orders
from store.session import Database
from tests.shop import NOW, Shop, order_body, request_body
from tests.store.till import Till

REPOSITORY = Path(__file__).parents[2]
BATCH = 200


@pytest.fixture(scope="module")
def online_retail() -> Path:
    """The folder of the data set; its place can be named, and it has to be there."""
    named = os.environ.get("AFTERSALES_ONLINE_RETAIL")
    folder = Path(named) if named else REPOSITORY.parent / "shared" / "data" / "online_retail"
    if not (folder / "returns.csv.gz").is_file():
        pytest.fail(f"no data set in {folder}: name its folder in AFTERSALES_ONLINE_RETAIL")
    return folder


@pytest.fixture(scope="module")
def returns(online_retail: Path) -> list[Claimed]:
    return read_returns(online_retail / "returns.csv.gz")


@pytest.fixture(scope="module")
def sales(online_retail: Path) -> dict[str, Sale]:
    return read_sales(online_retail / "orders.csv.gz")


def apply(shop: Shop, pair: Claimed) -> UUID:
    lines = list(pair.lines.items())
    return shop.apply(request_body(*lines, order_id=pair.order_id, reason="other")).case_id


def put(database: Database, sales: list[Sale]) -> None:
    for start in range(0, len(sales), BATCH):
        bodies = {
            sale.order_id: sale.paid_by(f"ch_{sale.order_id}")
            for sale in sales[start : start + BATCH]
        }
        with database.begin() as session:
            put_orders(session, "demo", bodies, NOW)


def test_all_814_cases_are_worth_what_the_file_says(
    shop: Shop, returns: list[Claimed], sales: dict[str, Sale]
) -> None:
    put(shop.database, [sales[order_id] for order_id in {pair.order_id for pair in returns}])
    assert len(returns) == 814
    assert sum(pair.amount for pair in returns) == 11_124_826
    differing = {
        (pair.return_id, pair.order_id): (total, pair.amount)
        for pair in returns
        for total in [shop.read(apply(shop, pair)).total]
        if total != pair.amount
    }
    assert differing == {}


def test_a_line_of_74215_units_is_paid_back_whole(
    till: Till, returns: list[Claimed], sales: dict[str, Sale]
) -> None:
    (pair,) = (pair for pair in returns if 74_215 in pair.lines.values())
    put(till.shop.database, [sales[pair.order_id]])
    case_id = apply(till.shop, pair)
    for actor in (till.shop.lead, till.shop.other_lead):
        till.shop.approve(case_id, actor)
    assert till.pay(case_id).paid == pair.amount == 7_718_360
    assert till.units(pair.order_id).settled == 74_215


def test_a_line_returned_in_three_goes_and_a_rest_sums_to_the_penny(
    till: Till, returns: list[Claimed], sales: dict[str, Sale]
) -> None:
    goes = [pair for pair in returns if pair.order_id == "539395" and 14 in pair.lines]
    assert sorted(pair.lines[14] for pair in goes) == [2, 2, 21]
    (line,) = (line for line in sales["539395"].lines if line["line"] == 14)
    # A discount on the whole line leaves no price a unit that is whole pennies.
    quantity, paid = int(str(line["quantity"])), int(str(line["paid"])) - 1
    till.shop.sell("539395", order_body((quantity, paid, paid // 6)))
    sizes = [pair.lines[14] for pair in goes]
    sizes += [1] * (quantity - sum(sizes))
    back = tax = 0
    for size in sizes:
        case_id = till.shop.apply(request_body((1, size), order_id="539395")).case_id
        till.shop.approve(case_id)
        case = till.pay(case_id)
        back, tax = back + case.paid, tax + case.tax
    assert (back, tax) == (paid, paid // 6)
    assert till.money("539395") == [(0, paid)]
