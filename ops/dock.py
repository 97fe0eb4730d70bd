"""Who brings the goods back in a replay of returns? The sandbox's carrier, and a warehouse."""

import threading
from time import monotonic

import requests

from domain.cases import Stage
from ops.caller import Caller, Json
from ops.failures import Failed
from ops.order_files import Claimed

WAY = ("picked_up", "in_transit", "delivered")
TIMEOUT = (2, 30)  # seconds: connect, read
LOOK_EVERY = 0.1  # seconds
BOOKED_WITHIN = 120.0  # seconds


class Dock:
    """Has parcels carried and counts what is in them: everything is there, and is kept."""

    def __init__(
        self, warehouse: Caller, shop: Caller, sandbox: str, stop: threading.Event
    ) -> None:
        self._warehouse = warehouse
        self._shop = shop
        self._sandbox = sandbox
        self._stop = stop

    def bring_back(self, case_id: str, claimed: Claimed, key: str) -> None:
        """Carry and count the goods of an approved return. Repeating it changes nothing."""
        case = self._until_booked(case_id)
        if case["stage"] == Stage.AWAITING_PARCEL:
            number = case["goods"]["parcels"][0]["tracking_number"]
            for status in WAY:
                self._report(number, status)
        while case["stage"] == Stage.AWAITING_PARCEL:
            self._pause()
            case = self._read(case_id)
        if case["stage"] == Stage.AWAITING_INSPECTION:
            lines = [
                {"line": line, "received": units, "accepted": units, "disposition": "restock"}
                for line, units in sorted(claimed.lines.items())
            ]
            found = {"inspection_id": key, "lines": lines}
            self._warehouse.post(f"/v1/cases/{case_id}/inspection", found)

    def _until_booked(self, case_id: str) -> Json:
        until = monotonic() + BOOKED_WITHIN
        case = self._read(case_id)
        while case["stage"] == Stage.AWAITING_PARCEL and not case["goods"]["parcels"]:
            if monotonic() > until:
                raise Failed(f"no pickup was booked for case {case_id}")
            self._pause()
            case = self._read(case_id)
        return case

    def _read(self, case_id: str) -> Json:
        return self._shop.get(f"/v1/cases/{case_id}")

    def _report(self, number: str, status: str) -> None:
        """Have the carrier say so; a word that it has said already is no other word."""
        said = requests.post(
            f"{self._sandbox}/_sandbox/shipments/{number}/events",
            json={"status": status, "event_id": f"{number}-{status}"},
            timeout=TIMEOUT,
        )
        said.raise_for_status()

    def _pause(self) -> None:
        if self._stop.wait(LOOK_EVERY):
            raise Failed("interrupted")
