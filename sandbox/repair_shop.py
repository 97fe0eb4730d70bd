"""What does the repair shop do? It takes work on one unit, and lets go of it again."""

from fastapi import FastAPI

from sandbox.book import Row
from sandbox.exchange import Exchange
from sandbox.faults import Fault
from sandbox.forms import Params
from sandbox.orders import add_orders, declined, text
from sandbox.shapes import Refused


def add_repair_shop(app: FastAPI, exchange: Exchange) -> None:
    add_orders(
        app,
        exchange,
        party="repair_shop",
        kind="work_order",
        prefix="wo",
        take=_take,
        begun=_begun,
    )


def _take(params: Params, fault: Fault | None) -> Row:
    sku, _ = text(params, "sku"), text(params, "fault")
    serial = params.get("serial")
    if serial is not None:
        serial = text(params, "serial")
    if declined(fault):
        raise Refused(400, "No work of ours.", code="work_refused", saved=True)
    return {"sku": sku, "serial": serial, "status": "open"}


def _begun(row: Row, fault: Fault | None) -> Refused | None:
    if row["status"] == "open" and not declined(fault):
        return None
    return Refused(400, "The work has begun.", code="work_begun", saved=True)
