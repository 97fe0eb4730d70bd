"""How is a repair shop given work, asked about it, and told to leave it?"""

from dataclasses import dataclass
from typing import Any, Protocol

from gateways.answers import UNREADABLE
from gateways.calls import JsonParty, NoAnswer, ambiguous, is_id
from gateways.testimony import Testimony, Verdict


@dataclass(frozen=True, kw_only=True)
class WorkOrder:
    """One unit to be looked at and repaired. `key` is the idempotency key, and it is found by it.

    `fault` is a short description without personal data.
    """

    key: str
    case_id: str
    order_id: str
    sku: str
    serial: str | None
    fault: str


class RepairShop(Protocol):
    """Who repairs. No call raises: what goes wrong is a Testimony.

    A `reference` is the shop's id of the work order.
    """

    def order(self, work: WorkOrder) -> Testimony:
        """Give the shop this work, once for `work.key`."""
        ...

    def find(self, work: WorkOrder) -> Testimony:
        """What became of it, by our key: NOT_FOUND if unknown, FAILED `cancelled` if cancelled."""
        ...

    def cancel(self, key: str, reference: str) -> Testimony:
        """Take back the order `reference`; again is as good. FAILED once work has begun.

        `key` names this request, where a shop wants that.
        """
        ...


class HttpRepairShop:
    """A repair shop that is called with JSON, such as the sandbox's."""

    def __init__(self, base: str, api_key: str) -> None:
        self._party = JsonParty(base, api_key)

    def order(self, work: WorkOrder) -> Testimony:
        """Order work under its key. One HTTP request; never raises."""
        try:
            made = self._party.post("/v1/work_orders", _asked_for(work), key=work.key)
            return _weigh(made, work)
        except NoAnswer as none:
            return none.testimony
        except UNREADABLE:
            return ambiguous("unreadable")

    def find(self, work: WorkOrder) -> Testimony:
        """Ask for the work order of a key. One HTTP request; never raises."""
        try:
            found = self._party.listed("/v1/work_orders", {"key": work.key})
            if not found:
                return Testimony(verdict=Verdict.NOT_FOUND)
            if len(found) > 1:  # the shop forgot our key in between: a person has to look
                return ambiguous("found_twice")
            return _weigh(found[0], work)
        except NoAnswer as none:
            return none.testimony
        except UNREADABLE:
            return ambiguous("unreadable")

    def cancel(self, key: str, reference: str) -> Testimony:
        """Cancel a work order. One HTTP request, which needs no key; never raises."""
        return self._party.cancel("/v1/work_orders", reference)


def _weigh(order: dict[str, Any], work: WorkOrder) -> Testimony:
    """Believe a work order's status only when it is of our work."""
    ours = (
        order["key"] == work.key
        and order["sku"] == work.sku
        and order["serial"] == work.serial
        and order["metadata"] == _names_of(work)
    )
    if not (ours and is_id(order["id"])):
        return ambiguous("echo_mismatch")
    match order["status"]:
        case "open" | "done":
            return Testimony(verdict=Verdict.SUCCEEDED, reference=order["id"])
        case "cancelled":
            return Testimony(verdict=Verdict.FAILED, reference=order["id"], code="cancelled")
    return ambiguous("unlisted_status")


def _asked_for(work: WorkOrder) -> dict[str, Any]:
    return {
        "sku": work.sku,
        "serial": work.serial,
        "fault": work.fault,
        "metadata": _names_of(work),
    }


def _names_of(work: WorkOrder) -> dict[str, str]:
    return {"case_id": work.case_id, "order_id": work.order_id}
