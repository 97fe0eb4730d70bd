"""What does the carrier do? It takes parcels, and says where they are when it is told to.

The book keeps no names and no addresses: they are needed to carry a parcel, not to remember it.
"""

import secrets
from datetime import UTC, datetime
from functools import partial
from typing import Literal

from fastapi import FastAPI, Request, Response
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from sandbox.book import Book, Row
from sandbox.exchange import Exchange
from sandbox.faults import Fault
from sandbox.forms import Params
from sandbox.orders import add_orders, declined, text
from sandbox.parties import Executed
from sandbox.shapes import Refused, new_id

Status = Literal[
    "pending",
    "picked_up",
    "in_transit",
    "out_for_delivery",
    "delivered",
    "delivery_failed",
    "return_to_sender",
    "on_hold",
    "cancelled",
]


class Sighting(BaseModel):
    """What the carrier shall report. `copies` deliveries, all under the same id."""

    model_config = ConfigDict(extra="forbid")

    status: Status
    occurred_at: AwareDatetime | None = None
    copies: int = Field(default=1, ge=1, le=100)
    event_id: str | None = Field(default=None, min_length=1, max_length=255)


def add_carrier(app: FastAPI, exchange: Exchange) -> None:
    add_orders(
        app,
        exchange,
        party="carrier",
        kind="shipment",
        prefix="shp",
        take=_take,
        begun=_picked_up,
    )

    @app.post("/_sandbox/shipments/{tracking_number}/events")
    async def see(request: Request, tracking_number: str, sighting: Sighting) -> Response:
        execute = partial(_report, tracking_number=tracking_number, sighting=sighting)
        return await exchange.create(request, {}, execute, "carrier", None)


def _take(params: Params, fault: Fault | None) -> Row:
    direction = text(params, "direction")
    if direction not in ("inbound", "outbound"):
        raise Refused(400, "Unknown direction", code="parameter_invalid", param="direction")
    for name in ("sender", "recipient", "pieces"):
        if not params.get(name):
            raise Refused(400, f"Missing {name}", code="parameter_missing", param=name)
    if declined(fault):
        raise Refused(400, "No address of ours.", code="address_not_served", saved=True)
    return {
        "direction": direction,
        "tracking_number": f"SBX{secrets.randbelow(10**12):012}",
        "status": "pending",
        "seen": 0.0,  # when it was last reported on, in epoch seconds
    }


def _picked_up(row: Row, fault: Fault | None) -> Refused | None:
    if row["status"] == "pending" and not declined(fault):
        return None
    return Refused(400, "The parcel was picked up.", code="already_picked_up", saved=True)


def _report(
    book: Book,
    params: Params,
    key: str | None,
    fault: Fault | None,
    *,
    tracking_number: str,
    sighting: Sighting,
) -> Executed:
    """Of a parcel's reports the latest to happen counts; nobody needs to have booked it here."""
    at = (sighting.occurred_at or datetime.now(UTC)).astimezone(UTC)
    body = {
        "id": sighting.event_id or new_id("evt"),
        "tracking_number": tracking_number,
        "status": sighting.status,
        "occurred_at": at.isoformat(),
    }
    # One envelope a copy, each delivered until it is taken.
    copies = range(sighting.copies)
    events = [{"id": new_id("dlv"), "from": "carrier", "body": body} for _ in copies]
    entry: Row = {"events": events}
    for row in book.shipments.values():
        if row["tracking_number"] == tracking_number and row["seen"] <= at.timestamp():
            entry["shipment"] = row | {"status": sighting.status, "seen": at.timestamp()}
    return entry, body
