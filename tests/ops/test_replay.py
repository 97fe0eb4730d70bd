"""Is every return of a file paid to the penny, once, however often the replay is interrupted?"""

import signal
from pathlib import Path

import pytest

from tests.ops.files import orders_file, returns_file
from tests.ops.programs import Running, Said, said_by, started
from tests.sandbox_process import eventually

ORDERS = 24


@pytest.fixture
def orders(tmp_path: Path) -> Path:
    rows = [(f"o{n}", line, 5, "2.55") for n in range(ORDERS) for line in (1, 2)]
    return orders_file(
        tmp_path / "orders.csv.gz", *rows, ("big", 1, 74_215, "1.04"), ("zero", 1, 2, "0.00")
    )


@pytest.fixture
def returns(tmp_path: Path) -> Path:
    """Parts of lines, a line named twice, a line in two goes, and one that two leads approve."""
    rows = [(f"C{n}", f"o{n}", 1, 2, "5.10") for n in range(ORDERS)]
    again = [("C0", "o0", 1, 1, "2.55"), ("C0", "o0", 2, 5, "12.75"), ("D1", "o1", 1, 3, "7.65")]
    big = ("E1", "big", 1, 74_215, "77183.60")
    return returns_file(tmp_path / "returns.csv.gz", *rows, *again, big)


PAIRS = ORDERS + 2
PAID = ORDERS * 510 + 255 + 1275 + 765 + 7_718_360


def replayed(platform: Running, storefront: str, orders: Path, returns: Path, *more: str) -> Said:
    return platform.types("replay", orders, returns, "--storefront", storefront, *more)


def paid(platform: Running, storefront: str) -> tuple[int, int]:
    """How many cases there are, and what they paid."""
    ((cases, total),) = platform.rows(
        "select count(*), coalesce(sum(paid), 0) from cases where storefront = %s", storefront
    )
    return cases, int(total)


def live_tokens(platform: Running, storefront: str) -> list[str]:
    rows = platform.rows("select name from tokens where revoked_at is null")
    return [name for (name,) in rows if name.startswith(f"replay-{storefront}-")]


def test_every_pair_becomes_a_case_that_is_paid_to_the_penny(
    platform: Running, orders: Path, returns: Path
) -> None:
    said = replayed(platform, "whole", orders, returns)
    assert said.code == 0, said.out + said.err
    assert paid(platform, "whole") == (PAIRS, PAID)
    assert "all equal" in said.out
    assert f"{PAIRS} refunds at the gateway, {PAIRS} in our books" in said.out
    ((approvals,),) = platform.rows(
        "select count(distinct actor) from decisions join cases using (case_id)"
        " where cases.storefront = 'whole' and order_id = 'big'"
    )
    assert approvals == 2
    assert live_tokens(platform, "whole") == []


def test_a_limit_takes_the_first_pairs_and_the_orders_they_need(
    platform: Running, orders: Path, returns: Path
) -> None:
    said = replayed(platform, "limited", orders, returns, "--limit", "3")
    assert said.code == 0, said.out + said.err
    assert paid(platform, "limited")[0] == 3
    assert platform.rows("select count(*) from orders where storefront = 'limited'") == [(3,)]


def test_interrupted_it_goes_on_where_it_ended(
    platform: Running, orders: Path, returns: Path
) -> None:
    files = ("replay", orders, returns, "--storefront", "broken-off", "--data", platform.data)
    first = started(*files)
    eventually(lambda: paid(platform, "broken-off")[0] >= 3, 60)
    first.send_signal(signal.SIGINT)
    ended = said_by(first)
    assert ended.code == 130
    assert ended.err == "aftersales: interrupted; the same command goes on from here\n"
    assert live_tokens(platform, "broken-off") != []
    said = replayed(platform, "broken-off", orders, returns)
    assert said.code == 0, said.out + said.err
    assert paid(platform, "broken-off") == (PAIRS, PAID)
    assert live_tokens(platform, "broken-off") == []


def test_a_finished_replay_started_again_pays_nothing_more(
    platform: Running, orders: Path, returns: Path
) -> None:
    for _ in range(2):
        said = replayed(platform, "twice", orders, returns, "--limit", "4")
        assert said.code == 0, said.out + said.err
    assert paid(platform, "twice") == (4, 4 * 510 + 255 + 1275)


def test_a_declined_refund_is_named_and_the_replay_is_not_all_equal(
    platform: Running, orders: Path, returns: Path
) -> None:
    platform.fault("decline", times=1, match={"order_id": "o2"})
    said = replayed(platform, "declined", orders, returns, "--limit", "4")
    assert said.code == 1
    assert "return C2 of order o2: 510 in the file, 0 paid" in said.out
    assert live_tokens(platform, "declined") != []


def test_a_return_of_an_order_that_the_file_lacks_is_refused(
    platform: Running, orders: Path, tmp_path: Path
) -> None:
    stray = returns_file(tmp_path / "stray.csv", ("C1", "nowhere", 1, 1, "1.00"))
    said = replayed(platform, "stray", orders, stray)
    assert (said.code, said.err.count("\n")) == (1, 1)
    assert "nowhere" in said.err


def test_more_units_than_were_sold_are_refused_by_the_platform_and_named(
    platform: Running, orders: Path, tmp_path: Path
) -> None:
    greedy = returns_file(tmp_path / "greedy.csv", ("C1", "o1", 1, 9, "22.95"))
    said = replayed(platform, "greedy", orders, greedy)
    assert said.code == 1
    assert "units-not-available" in said.out


def test_returns_bring_every_unit_back_to_its_shelf_once_and_pay_to_the_penny(
    platform: Running, orders: Path, returns: Path
) -> None:
    for _ in range(2):  # the second changes nothing
        said = replayed(platform, "goods", orders, returns, "--kind", "return")
        assert said.code == 0, said.out + said.err
        assert paid(platform, "goods") == (PAIRS, PAID)
        assert f"parcels   {PAIRS} in the carrier's book for {PAIRS} cases" in said.out
        units = ORDERS * 2 + 1 + 5 + 3 + 74_215
        assert f"shelves   {units} units of {units} in the file" in said.out
