"""kill -9 of every part during a hundred cases: nothing lost, nothing paid twice, no help."""

import threading
from pathlib import Path

from tests.e2e.live import FINISH_SECONDS, live, paid_once
from tests.sandbox_process import eventually

CASES = 100
VICTIMS = ("worker", "temporal", "postgres", "api", "worker", "sandbox", "postgres")


def test_a_hundred_cases_survive_the_death_of_every_part(tmp_path: Path) -> None:
    with live(tmp_path) as platform:
        orders = platform.many(lambda _: platform.sell((2, 1000)), CASES)
        done = threading.Event()

        def killer() -> None:
            for victim in VICTIMS:
                if done.wait(1.5):
                    return
                platform.kill(victim)

        killing = threading.Thread(target=killer)
        killing.start()

        def refund(n: int) -> str:
            case_id = platform.apply(orders[n])
            platform.approve(case_id)
            return case_id

        cases = platform.many(refund, CASES)
        killing.join()
        done.set()

        def all_completed() -> bool:
            page = platform.call("lead", "GET", "/v1/cases?stage=completed&limit=200").json()
            return {case["case_id"] for case in page["items"]} >= set(cases)

        assert eventually(all_completed, FINISH_SECONDS)
        paid_once(platform, orders, 500)
        assert platform.check().returncode == 0
