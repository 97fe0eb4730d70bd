"""Two cases want one tracking number, or one unit, at one moment: does exactly one get it?"""

from functools import partial

from tests.races.at_once import at_once, slugs, won
from tests.store.bench import COVERED, Bench
from tests.store.dock import Dock
from tests.store.till import Till

ROUNDS = 4
CLIENTS = 4


def test_one_tracking_number_is_one_live_parcels(till: Till) -> None:
    dock = Dock(till)
    for number in range(ROUNDS):
        cases = [dock.approved(order_id=f"o{number}-{n}") for n in range(CLIENTS)]
        outcomes = at_once([partial(dock.ship, case_id, f"N{number}") for case_id in cases])
        assert len(won(outcomes)) == 1
        assert slugs(outcomes) == {"parcel-known": CLIENTS - 1}


def test_one_unit_is_in_one_of_four_repairs_of_as_many_orders(till: Till) -> None:
    bench = Bench(till)
    for number in range(ROUNDS):
        orders = [f"o{number}-{n}" for n in range(CLIENTS)]
        for order_id in orders:
            bench.sold(order_id, serials=[f"A{number}"])
        diagnoses = [
            partial(bench.diagnose, bench.asked(order_id), COVERED, serial=f"A{number}")
            for order_id in orders
        ]
        outcomes = at_once(diagnoses)
        assert len(won(outcomes)) == 1
        assert slugs(outcomes) == {"serial-in-use": CLIENTS - 1}
