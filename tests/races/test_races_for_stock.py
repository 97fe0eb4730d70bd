"""Many want the last pieces at one moment: does each piece go to one of them?"""

from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial

import pytest

from gateways.testimony import Testimony as Answer
from gateways.testimony import Verdict
from store.session import Database
from tests.races.at_once import at_once, unlocked, won
from tests.shop import Shop
from tests.store.shelves import Shelves, done, failed

ROUNDS = 25
HOLDERS = 16
CLIENTS = 4


@pytest.fixture
def shelves(shop: Shop, database_url: str) -> Iterator[Shelves]:
    crowd = Database(database_url, pool=HOLDERS)
    yield Shelves(shop, crowd)
    crowd.close()


def outcomes(works: list[Callable[[], Answer]]) -> Counter[Answer]:
    return Counter(won(at_once(works)))


def test_the_last_pieces_go_to_as_many_as_there_are(shelves: Shelves) -> None:
    for number in range(ROUNDS):
        sku = f"S{number}"
        shelves.put(3, sku=sku)
        holders = [partial(shelves.hold, f"{sku}-{one}", sku=sku) for one in range(HOLDERS)]
        assert outcomes([*holders]) == {done(): 3, failed("out_of_stock"): HOLDERS - 3}
        assert shelves.counts(sku) == {"main": (3, 3)}


def test_pieces_in_several_warehouses_all_find_a_holder(shelves: Shelves) -> None:
    for number in range(ROUNDS):
        sku = f"S{number}"
        for warehouse in ("main", "athens", "zurich"):
            shelves.put(2, sku=sku, warehouse=warehouse)
        holders = [partial(shelves.hold, f"{sku}-{one}", 2, sku=sku) for one in range(HOLDERS)]
        assert outcomes([*holders]) == {
            done("main"): 1,
            done("athens"): 1,
            done("zurich"): 1,
            failed("out_of_stock"): HOLDERS - 3,
        }


def test_one_key_asked_for_many_times_at_once_holds_once(shelves: Shelves) -> None:
    for number in range(ROUNDS):
        sku = f"S{number}"
        shelves.put(HOLDERS, sku=sku)
        assert outcomes([partial(shelves.hold, sku, sku=sku)] * HOLDERS) == {done(): HOLDERS}
        assert shelves.counts(sku) == {"main": (HOLDERS, 1)}


def test_one_key_that_comes_for_different_skus_at_once_holds_one(shelves: Shelves) -> None:
    shelves.put(1, sku="left")
    shelves.put(1, sku="right")
    for number in range(ROUNDS):
        key = f"k{number}"
        got = outcomes([partial(shelves.hold, key, sku=sku) for sku in ("left", "right")])
        assert got == {done(): 1, failed("key_reused"): 1}
        assert shelves.stock.release(key=key) == done()


def test_a_hold_is_shipped_or_released_and_never_both(shelves: Shelves) -> None:
    for number in range(ROUNDS):
        key = sku = f"S{number}"
        shelves.put(1, sku=sku)
        shelves.hold(key, sku=sku)
        works = [partial(shelves.stock.ship, key=key), partial(shelves.stock.release, key=key)]
        shipped, released = at_once(works * 4)[:2]
        assert {shipped, released} == {done(), failed("not_held")}
        assert shelves.counts(sku) == {"main": (0 if shipped == done() else 1, 0)}


def test_what_comes_back_many_times_at_once_is_put_back_once(shelves: Shelves) -> None:
    for number in range(ROUNDS):
        sku = f"S{number}"
        again = [partial(shelves.put_back, sku, 2, sku=sku)] * HOLDERS
        assert outcomes([*again]) == {done(None): HOLDERS}
        assert shelves.counts(sku) == {"main": (2, 0)}


def test_counting_holding_shipping_and_sweeping_at_once_keep_the_books(shelves: Shelves) -> None:
    for number in range(ROUNDS):
        sku = f"S{number}"
        shelves.put(4, sku=sku)
        shelves.put(4, sku=sku, warehouse="athens")
        for one in range(4):
            shelves.hold(f"{sku}-{one}", sku=sku)
        works: list[Callable[[], object]] = [
            *(partial(shelves.stock.ship, key=f"{sku}-{one}") for one in (0, 1)),
            *(partial(shelves.stock.release, key=f"{sku}-{one}") for one in (2, 3)),
            *(partial(shelves.hold, f"{sku}-more-{one}", 2, sku=sku) for one in range(4)),
            partial(shelves.put_back, f"{sku}-back", sku=sku, warehouse="athens"),
            partial(shelves.put, 6, sku=sku),
            partial(shelves.put, 6, sku=sku, warehouse="athens"),
            shelves.embedded.expire,
        ]
        said = [one for one in at_once(works) if isinstance(one, Answer)]
        assert {one.verdict for one in said} <= {Verdict.SUCCEEDED, Verdict.FAILED}
        counts = shelves.counts(sku)
        assert all(0 <= held <= on_hand for on_hand, held in counts.values())


def test_counts_given_at_once_leave_what_one_of_them_said(shelves: Shelves) -> None:
    for number in range(ROUNDS):
        sku = f"S{number}"
        shelves.put(5, sku=sku)
        counted = [10, 20, 30, 40]
        at_once([partial(shelves.put, on_hand, sku=sku) for on_hand in counted])
        assert shelves.counts(sku)["main"][0] in counted


def test_without_the_lock_the_update_still_refuses_to_oversell(shelves: Shelves) -> None:
    for number in range(ROUNDS):
        sku = f"S{number}"
        shelves.put(2, sku=sku)
        holders = [partial(shelves.hold, f"{sku}-{one}", sku=sku) for one in range(CLIENTS)]
        with unlocked(shelves.database, clients=CLIENTS, after="SELECT stock."):
            got = outcomes([*holders])
        assert got == {done(): 2, failed("out_of_stock"): CLIENTS - 2}
        assert shelves.counts(sku) == {"main": (2, 2)}


def test_without_the_lock_a_key_still_holds_and_ends_once(shelves: Shelves) -> None:
    for number in range(ROUNDS):
        key = sku = f"S{number}"
        shelves.put(CLIENTS, sku=sku)
        with unlocked(shelves.database, clients=CLIENTS, after="SELECT stock."):
            assert outcomes([partial(shelves.hold, key, sku=sku)] * CLIENTS) == {done(): CLIENTS}
        assert shelves.counts(sku) == {"main": (CLIENTS, 1)}
        with unlocked(shelves.database, clients=CLIENTS, after="SELECT stock."):
            got = outcomes([partial(shelves.stock.ship, key=key)] * CLIENTS)
        assert got == {done(): CLIENTS}
        assert shelves.counts(sku) == {"main": (CLIENTS - 1, 0)}
