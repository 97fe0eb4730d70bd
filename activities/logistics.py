"""Carriers: a pickup at the buyer's, its cancelling, and a parcel to the buyer."""

from typing import Any

from temporalio import activity

from activities.effects import Effects
from domain.cases import CaseView
from domain.effects import EffectRef
from domain.parcels import Direction
from domain.payouts import Move
from gateways.carriers import Carrier, Consignment, Place
from gateways.testimony import Testimony
from store.goods.effect_requests import ParcelRequest, PickupCancellation


class Logistics:
    """`warehouse` is where goods come in and leave from."""

    def __init__(self, effects: Effects, carrier: Carrier, warehouse: Place) -> None:
        self._effects = effects
        self._carrier = carrier
        self._warehouse = warehouse

    @activity.defn(name="book_pickup")
    def book_pickup(self, effect: EffectRef) -> CaseView:
        """A carrier collects the goods at the address of the case."""
        return self._effects.carry_out(effect, ParcelRequest, self._inbound)

    @activity.defn(name="cancel_pickup")
    def cancel_pickup(self, effect: EffectRef) -> CaseView:
        """The booked pickup is cancelled. To repeat it is harmless, so it is never asked about."""
        return self._effects.carry_out(
            effect,
            PickupCancellation,
            lambda request: self._carrier.cancel(request.key, request.of or ""),
        )

    @activity.defn(name="send_parcel")
    def send_parcel(self, effect: EffectRef) -> CaseView:
        """A carrier brings a parcel from the warehouse to the address of the case."""
        return self._effects.carry_out(effect, ParcelRequest, self._outbound)

    def _inbound(self, request: ParcelRequest) -> Testimony:
        buyer = _place(request.address)
        return self._book(request, Direction.INBOUND, buyer, self._warehouse)

    def _outbound(self, request: ParcelRequest) -> Testimony:
        buyer = _place(request.address)
        return self._book(request, Direction.OUTBOUND, self._warehouse, buyer)

    def _book(
        self, request: ParcelRequest, direction: Direction, sender: Place, recipient: Place
    ) -> Testimony:
        consignment = Consignment(
            key=request.key,
            case_id=str(request.case_id),
            order_id=request.order_id,
            direction=direction,
            sender=sender,
            recipient=recipient,
            pieces=tuple((piece.sku, piece.quantity) for piece in request.pieces),
        )
        if request.move is Move.SEND:
            return self._carrier.book(consignment)
        return self._carrier.find(consignment)


def _place(address: dict[str, Any]) -> Place:
    return Place(
        name=address["name"],
        phone=address["phone"],
        lines=tuple(address["lines"]),
        city=address["city"],
        region=address["region"],
        postal_code=address["postal_code"],
        country=address["country"],
    )
