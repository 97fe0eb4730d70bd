"""An older database and an older Temporal under a gateway that is ahead: nobody is paid twice."""

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.e2e.live import Live
from tests.sandbox_process import eventually
from tests.shop import request_body

CARD = {"kind": "bank_card", "token": "tok_1", "last4": "4242"}
ORDERS = ("first", "second", "third")


class Shop:
    """A shop on a platform that is stopped, copied and put back."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self.tokens: dict[str, str] | None = None
        self.platform: Live

    @contextmanager
    def open(self) -> Iterator[Live]:
        self.platform = Live(self.data, self.tokens)
        self.tokens = self.platform.tokens
        try:
            yield self.platform
        finally:
            self.platform.close()

    def copied(self, to: Path) -> None:
        """The folder of the platform that is stopped, but for the gateway's own book."""
        shutil.copytree(self.data, to, ignore=shutil.ignore_patterns("sandbox", "logs"))

    def put_back(self, kept: Path) -> None:
        """Its database and Temporal's, as they were. The revocations are kept elsewhere."""
        shutil.rmtree(self.data / "postgres")
        shutil.copytree(kept / "postgres", self.data / "postgres")
        for file in self.data.glob("temporal.db*"):
            file.unlink()
        for file in kept.glob("temporal.db*"):
            shutil.copy(file, self.data)

    def asks(self, order_id: str, **fields: Any) -> str:
        """One unit back, always under the same key; the case's id."""
        body = request_body((1, 1), order_id=order_id, **fields)
        said = self.platform.call("shop", "POST", "/v1/cases", body, key=f"key-of-{order_id}")
        assert said.status_code == 201, said.text
        return str(said.json()["case_id"])

    def moved(self) -> dict[str, int]:
        """How often the gateway has moved money for each order."""
        book = self.platform.book()
        orders = [each["metadata"].get("order_id") for each in book["refunds"] + book["transfers"]]
        return {order_id: orders.count(order_id) for order_id in orders}

    def stuck(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = json.loads(self.platform.command("stuck", "--json").stdout)[
            "stuck"
        ]
        return found


def test_a_restored_database_pays_nobody_twice(tmp_path: Path) -> None:
    shop = Shop(tmp_path / "data")
    with shop.open() as platform:
        orders = {name: platform.sell((6, 1530)) for name in (*ORDERS, "card", "open", "later")}
        platform.tokens["leaver"] = _issued(platform, "leaver")
        waiting = shop.asks(orders["open"])
    shop.copied(tmp_path / "kept")
    with shop.open() as platform:
        lost = [shop.asks(orders[name]) for name in ORDERS]
        by_card = shop.asks(orders["card"], payout_to=CARD)
        for case_id in (*lost, by_card, waiting):
            platform.approve(case_id)
        platform.approve(by_card, "other")
        for case_id in (*lost, by_card, waiting):
            platform.wait_for(case_id)
        assert platform.command("tokens", "revoke", "leaver").returncode == 0
        paid = shop.moved()
    assert paid == {orders[name]: 1 for name in (*ORDERS, "card", "open")}
    shop.put_back(tmp_path / "kept")
    with shop.open() as platform:
        assert platform.call("leaver", "GET", "/v1/cases").status_code == 401
        again = [shop.asks(orders[name]) for name in ORDERS]
        card_again = shop.asks(orders["card"], payout_to=CARD)
        assert not {*again, card_again} & {*lost, by_card}
        for case_id in (*again, card_again):
            platform.approve(case_id)
        platform.approve(card_again, "other")
        for case_id in (*again, card_again):
            case = platform.wait_for(case_id, "needs_attention")
            assert case["payouts"][-1]["state"] == "failed"
        platform.approve(waiting)  # what its payout did before is found by its own key
        platform.wait_for(waiting)
        assert shop.moved() == paid
        _recovers(shop, platform, orders)
        for case_id in (*again, card_again):
            platform.resume(case_id, "retry")
            platform.wait_for(case_id, "needs_attention")
        assert shop.moved() == paid | {orders["later"]: 1}
        said = platform.check()
        assert said.returncode == 0, said.stdout


def _issued(platform: Live, name: str) -> str:
    said = platform.command("tokens", "issue", "--role", "lead", "--name", name)
    return said.stdout.strip()


def _recovers(shop: Shop, platform: Live, orders: dict[str, str]) -> None:
    """Held until the lists were read, and a second person has let payouts go on."""
    said = platform.command("restore-check", "--actor", "operator")
    assert said.returncode == 0, said.stderr
    for name in (*ORDERS, "card"):
        assert f"order {orders[name]} of demo: recovered" in said.stdout
    later = shop.asks(orders["later"])
    platform.approve(later)
    held = eventually(lambda: [each for each in shop.stuck() if each["what"] == "held"])
    assert "restore-check --release" in held[0]["commands"][0]
    alone = platform.command("restore-check", "--release", "--actor", "operator")
    assert (alone.returncode, alone.stderr.count("\n")) == (1, 1)
    assert platform.read(later)["stage"] == "paying"
    assert platform.command("restore-check", "--release", "--actor", "lead").returncode == 0
    platform.wait_for(later, seconds=60)
