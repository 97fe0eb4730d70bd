"""How are FedEx, UPS and the other carriers that karrio speaks to asked to carry a parcel?

These carriers know no idempotency key, and karrio no search by reference. So a booking whose answer
was lost can neither be repeated nor be found by us: `find` says AMBIGUOUS, nothing is booked twice,
and a person looks it up at the carrier under the reference that `reference_of` gives.
"""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import requests

from domain.parcels import Direction, ParcelStatus, Sighting
from gateways import karrio_library
from gateways.answers import disconnected
from gateways.carriers import Booking, Consignment, Place
from gateways.karrio_library import Line
from gateways.testimony import Testimony, Verdict

REFERENCE_LENGTH = 30  # FedEx takes no more

_REFUSED = (400, 422)
_NOT_EXECUTED = (401, 403, 429)
_CODE = re.compile(r"[a-z][a-z_]{1,63}")  # no digits, as in every gateway: none may be an account

# What karrio tells apart beyond our statuses; "unknown" says nothing.
_STATUSES = {status.value: status for status in ParcelStatus} | {
    "delivery_delayed": ParcelStatus.IN_TRANSIT,
    "ready_for_pickup": ParcelStatus.ON_HOLD,
}


@dataclass(frozen=True, kw_only=True)
class Account:
    """Our contract with one carrier, `carrier` as karrio's plug-in names it.

    `credentials` are a JSON object of the plug-in's settings, such as FedEx's `api_key`,
    `secret_key` and `account_number`. Every parcel is booked for `service` at `parcel_kg`:
    carriers bill what they weigh. `base` is where the API is, if not where karrio knows it to be.
    """

    carrier: str
    credentials: str
    service: str
    parcel_kg: float = 1.0
    base: str | None = None


class KarrioCarrier:
    """One carrier through karrio, safe to share between threads.

    Raises ValueError if karrio has no plug-in for it, or the credentials are no JSON object.
    """

    def __init__(self, account: Account) -> None:
        if not karrio_library.knows(account.carrier):
            raise ValueError(f"no plug-in of karrio for {account.carrier!r} is installed")
        self.name = account.carrier
        self._account = account
        self._credentials = _credentials(account)
        self._tokens: Any = None

    def book(self, consignment: Consignment) -> Booking:
        """Ask for one parcel to be carried. At most one booking is sent; never raises.

        FAILED only where the carrier refused in so many words; whatever went wrong after the
        request had left is AMBIGUOUS.
        """
        return self._ask(lambda line: self._book(line, consignment))

    def find(self, consignment: Consignment) -> Booking:
        """Always AMBIGUOUS: these carriers cannot be asked by our key. No request is made."""
        return Booking(verdict=Verdict.AMBIGUOUS, code="not_searchable")

    def cancel(self, key: str, reference: str) -> Testimony:
        """Void the shipment `reference`; never raises.

        SUCCEEDED where the carrier confirms it. A refusal is AMBIGUOUS: that it is cancelled
        already and that it was picked up are not told apart in a way all carriers share.
        """
        answer = self._ask(lambda line: _void(line, reference))
        if answer.verdict is Verdict.FAILED:
            return replace(answer, verdict=Verdict.AMBIGUOUS)
        return answer

    def sightings(self, tracking_number: str) -> list[Sighting]:
        """Where the carrier saw the parcel, latest first; none if it could not be asked.

        karrio gives the clock of the place as if it were UTC, so `at` may be off by 14 hours. In
        order they are all the same, unless a parcel flies west.
        """
        found: list[Sighting] = []

        def track(line: Line) -> Booking:
            wanted = line.models.TrackingRequest(tracking_numbers=[tracking_number])
            answer = line.proxy.get_tracking(line.mapper.create_tracking_request(wanted))
            parcels, _ = line.mapper.parse_tracking_response(answer)
            found.extend(filter(None, map(_sighting, parcels[0].events)))
            return Booking(verdict=Verdict.SUCCEEDED)

        self._ask(track)
        return found

    def _book(self, line: Line, consignment: Consignment) -> Booking:
        request = self._request(line, consignment)
        if consignment.direction is Direction.INBOUND:
            asked = line.mapper.create_return_shipment_request(request)
            answer = line.proxy.create_return_shipment(asked)
            shipment, messages = line.mapper.parse_return_shipment_response(answer)
        else:
            asked = line.mapper.create_shipment_request(request)
            answer = line.proxy.create_shipment(asked)
            shipment, messages = line.mapper.parse_shipment_response(answer)
        if shipment is None:
            raise _Refused(messages)
        if not (shipment.shipment_identifier and shipment.tracking_number):
            raise ValueError("a shipment without its numbers")
        return Booking(
            verdict=Verdict.SUCCEEDED,
            reference=shipment.shipment_identifier,
            carrier=self.name,
            tracking_number=shipment.tracking_number,
        )

    def _request(self, line: Line, consignment: Consignment) -> Any:
        reference = reference_of(consignment.key)
        weight = {"weight": self._account.parcel_kg, "weight_unit": "KG"}
        return line.models.ShipmentRequest(
            service=self._account.service,
            shipper=_address(line, consignment.sender),
            recipient=_address(line, consignment.recipient),
            parcels=[line.models.Parcel(**weight, reference_number=reference)],
            payment=line.models.Payment(
                paid_by="sender", account_number=self._credentials.get("account_number")
            ),
            reference=reference,
            order_id=consignment.order_id,
            label_type="ZPL",  # the one form that karrio hands on without redrawing it
        )

    def _ask(self, call: Callable[[Line], Booking]) -> Booking:
        """What came of it, by how far it got: what never left the house was not executed."""
        try:
            self._tokens = self._tokens or karrio_library.new_tokens()
            line = karrio_library.connect(
                self.name, self._credentials, self._account.base, self._tokens
            )
        except Exception:  # noqa: BLE001  without a token nothing is sent, whatever was the matter
            self._tokens = None  # it would keep the failure
            return Booking(verdict=Verdict.NOT_EXECUTED, code="no_token")
        with karrio_library.statuses() as seen:
            try:
                return call(line)
            except _Refused as refusal:
                return _refused(seen[-1], refusal.messages)
            except requests.RequestException as error:
                lost = disconnected(error)
                return Booking(verdict=lost.verdict, code=lost.code)
            except Exception:  # noqa: BLE001  karrio raises anything; what was sent decides
                return _unreadable(seen)


def _credentials(account: Account) -> dict[str, Any]:
    try:
        credentials = json.loads(account.credentials)
    except ValueError:
        credentials = None
    if not isinstance(credentials, dict):  # said without showing them
        raise ValueError(f"the credentials for {account.carrier} are no JSON object")
    return credentials


def reference_of(key: str) -> str:
    """Our key as carriers keep it with a shipment: without hyphens, as long as FedEx lets it be."""
    return key.replace("-", "")[:REFERENCE_LENGTH]


class _Refused(Exception):
    """An answer that can be read and does not hold what was asked for."""

    def __init__(self, messages: list[Any]) -> None:
        super().__init__()
        self.messages = messages


def _void(line: Line, reference: str) -> Booking:
    wanted = line.models.ShipmentCancelRequest(shipment_identifier=reference)
    answer = line.proxy.cancel_shipment(line.mapper.create_cancel_shipment_request(wanted))
    confirmation, messages = line.mapper.parse_cancel_shipment_response(answer)
    if confirmation is None or not confirmation.success:
        raise _Refused(messages)
    return Booking(verdict=Verdict.SUCCEEDED, reference=reference)


def _address(line: Line, place: Place) -> Any:
    first, *rest = place.lines
    return line.models.Address(
        person_name=place.name,
        phone_number=place.phone,
        address_line1=first,
        address_line2=", ".join(rest) or None,
        city=place.city,
        state_code=place.region,
        postal_code=place.postal_code,
        country_code=place.country,
    )


def _sighting(event: Any) -> Sighting | None:
    """What an event says of where the parcel is; None if nothing, or if it says not when."""
    status = _STATUSES.get(event.status)
    if status is None or not event.timestamp:
        return None
    return Sighting(status, datetime.fromisoformat(event.timestamp).astimezone(UTC))


def _refused(status: int, messages: list[Any]) -> Booking:
    """By its status, and by the first code that is a word."""
    codes = (str(message.code).lower().replace(".", "_") for message in messages)
    code = next(filter(_CODE.fullmatch, codes), f"http_{status}")
    if status in _NOT_EXECUTED:
        return Booking(verdict=Verdict.NOT_EXECUTED, code=code)
    if status in _REFUSED and messages:
        return Booking(verdict=Verdict.FAILED, code=code)
    return Booking(verdict=Verdict.AMBIGUOUS, code=code)


def _unreadable(seen: list[int]) -> Booking:
    if not seen:  # karrio could not even write the request: it cannot next time either
        return Booking(verdict=Verdict.FAILED, code="not_expressible")
    if seen[-1] in _NOT_EXECUTED:
        return Booking(verdict=Verdict.NOT_EXECUTED, code=f"http_{seen[-1]}")
    return Booking(verdict=Verdict.AMBIGUOUS, code="unreadable")
