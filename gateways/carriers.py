"""How is a parcel booked with a carrier, found again and cancelled; and what does one report?"""

import hashlib
import hmac
import re
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Annotated, Any, Protocol

from pydantic import AwareDatetime, BaseModel, Field, ValidationError

from domain.parcels import Direction, ParcelStatus, Sighting
from gateways.answers import UNREADABLE
from gateways.calls import JsonParty, NoAnswer, is_id
from gateways.testimony import Testimony, Verdict

TOLERANCE_SECONDS = 300

_STATUSES = frozenset(ParcelStatus)


@dataclass(frozen=True, kw_only=True)
class Place:
    """Who sends or receives. `country` is ISO 3166 alpha-2."""

    name: str
    phone: str
    lines: tuple[str, ...]
    city: str
    region: str | None
    postal_code: str | None
    country: str


@dataclass(frozen=True, kw_only=True)
class Consignment:
    """One parcel to be carried. `key` is the idempotency key, and by it the parcel is found again.

    `pieces` are pairs of SKU and quantity.
    """

    key: str
    case_id: str
    order_id: str
    direction: Direction
    sender: Place
    recipient: Place
    pieces: tuple[tuple[str, int], ...]


@dataclass(frozen=True, kw_only=True)
class Booking(Testimony):
    """`reference` is the carrier's id of the shipment; the rest is known only with SUCCEEDED."""

    carrier: str = ""
    tracking_number: str | None = None


@dataclass(frozen=True)
class CarrierReport:
    """Where the carrier says a parcel was at `at` (UTC). The same event may come many times."""

    event_id: str
    tracking_number: str
    status: ParcelStatus
    at: datetime


class Carrier(Protocol):
    """Who carries parcels. No call raises: what goes wrong is a Testimony."""

    @property
    def name(self) -> str:
        """As in the path of its webhooks: `/v1/hooks/carriers/<name>`."""
        ...

    def book(self, consignment: Consignment) -> Booking:
        """Have a parcel carried, once for `consignment.key`."""
        ...

    def find(self, consignment: Consignment) -> Booking:
        """What became of it, by our key: NOT_FOUND if unknown, FAILED `cancelled` if cancelled."""
        ...

    def cancel(self, key: str, reference: str) -> Testimony:
        """Have the parcel `reference` not carried; again is as good. FAILED once it was picked up.

        `key` names this request, where a carrier wants that.
        """
        ...


class Asked(Protocol):
    """A carrier that reports nothing by itself: it has to be asked where a parcel is."""

    @property
    def name(self) -> str: ...

    def sightings(self, tracking_number: str) -> list[Sighting]:
        """Where it has seen the parcel; none if it does not say. Never raises."""
        ...


class Unsigned(Exception):
    """The carrier did not sign this, or not lately."""


class HttpCarrier:
    """A carrier that is called with JSON, such as the sandbox's."""

    name = "sandbox"

    def __init__(self, base: str, api_key: str) -> None:
        self._party = JsonParty(base, api_key)

    def book(self, consignment: Consignment) -> Booking:
        """Book a parcel under its key. One HTTP request; never raises."""

        def booked() -> Booking:
            asked = _shipment_for(consignment)
            made = self._party.post("/v1/shipments", asked, key=consignment.key)
            return self._weigh(made, consignment)

        return _booking(booked)

    def find(self, consignment: Consignment) -> Booking:
        """Ask for the parcel of a key. One HTTP request; never raises."""

        def found() -> Booking:
            shipments = self._party.listed("/v1/shipments", {"key": consignment.key})
            if not shipments:
                return Booking(verdict=Verdict.NOT_FOUND)
            if len(shipments) > 1:  # the carrier forgot our key in between: a person has to look
                return Booking(verdict=Verdict.AMBIGUOUS, code="found_twice")
            return self._weigh(shipments[0], consignment)

        return _booking(found)

    def cancel(self, key: str, reference: str) -> Testimony:
        """Cancel a parcel. One HTTP request, which needs no key; never raises."""
        return self._party.cancel("/v1/shipments", reference)

    def _weigh(self, shipment: dict[str, Any], consignment: Consignment) -> Booking:
        """Believe a shipment's status only when it is of our parcel."""
        ours = (
            shipment["key"] == consignment.key
            and shipment["direction"] == consignment.direction
            and shipment["metadata"] == _names_of(consignment)
        )
        reference, tracking_number = shipment["id"], shipment["tracking_number"]
        if not (ours and is_id(reference) and is_id(tracking_number)):
            return Booking(verdict=Verdict.AMBIGUOUS, code="echo_mismatch")
        if shipment["status"] not in _STATUSES:
            return Booking(verdict=Verdict.AMBIGUOUS, code="unlisted_status")
        if shipment["status"] == ParcelStatus.CANCELLED:
            return Booking(verdict=Verdict.FAILED, reference=reference, code="cancelled")
        return Booking(
            verdict=Verdict.SUCCEEDED,
            reference=reference,
            carrier=self.name,
            tracking_number=tracking_number,
        )


_Word = Annotated[str, Field(pattern=r"\A[!-~]{1,255}\z")]


class _Event(BaseModel):
    id: _Word
    tracking_number: _Word
    status: str
    occurred_at: AwareDatetime


def reports(body: bytes, signature: str | None, secret: str, now: datetime) -> list[CarrierReport]:
    """What a webhook of `HttpCarrier`'s party says; nothing if its status is of no use to us.

    `signature` is the header `Carrier-Signature: t=<epoch>,v1=<HMAC-SHA256 of "t.body">`. Raises
    Unsigned if it is not over these bytes or more than five minutes from `now`; ValueError if
    the body is not of the form `{"id", "tracking_number", "status", "occurred_at"}`.
    """
    _verify(body, signature or "", secret, now)
    try:
        event = _Event.model_validate_json(body)
        at = event.occurred_at.astimezone(UTC)
    except (ValidationError, OverflowError):
        raise ValueError("not a carrier's event") from None
    if event.status not in _STATUSES:
        return []
    return [CarrierReport(event.id, event.tracking_number, ParcelStatus(event.status), at)]


def _verify(body: bytes, signature: str, secret: str, now: datetime) -> None:
    form = re.fullmatch(r"t=(\d{1,12}),v1=([0-9a-f]{64})", signature, re.ASCII)
    if not form or not secret:
        raise Unsigned
    signed_at, digest = form.groups()
    ours = hmac.new(secret.encode(), f"{signed_at}.".encode() + body, hashlib.sha256).hexdigest()
    if not hmac.compare_digest(ours, digest):
        raise Unsigned
    if abs(now.timestamp() - int(signed_at)) > TOLERANCE_SECONDS:
        raise Unsigned


def _booking(call: Callable[[], Booking]) -> Booking:
    try:
        return call()
    except NoAnswer as none:
        return Booking(**asdict(none.testimony))
    except UNREADABLE:
        return Booking(verdict=Verdict.AMBIGUOUS, code="unreadable")


def _shipment_for(consignment: Consignment) -> dict[str, Any]:
    return {
        "direction": consignment.direction,
        "sender": asdict(consignment.sender),
        "recipient": asdict(consignment.recipient),
        "pieces": [{"sku": sku, "quantity": quantity} for sku, quantity in consignment.pieces],
        "metadata": _names_of(consignment),
    }


def _names_of(consignment: Consignment) -> dict[str, str]:
    return {"case_id": consignment.case_id, "order_id": consignment.order_id}
