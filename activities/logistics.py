"""Carriers: a pickup at the buyer's, its cancelling, and a parcel to the buyer."""

from typing import Any

from domain.parcels import Direction
from domain.payouts import Move
from gateways.carriers import Carrier, Consignment, Place
from gateways.testimony import Testimony
from store.goods.errands import Errand


class Logistics:
    """`warehouse` is where goods come in and leave from."""

    def __init__(self, carrier: Carrier, warehouse: Place) -> None:
        self._carrier = carrier
        self._warehouse = warehouse

    def collect(self, errand: Errand) -> Testimony:
        """A pickup at the address of the case."""
        buyer = _place(errand.address)
        return self._book(errand, Direction.INBOUND, buyer, self._warehouse)

    def send(self, errand: Errand) -> Testimony:
        """A parcel from the warehouse to the address of the case."""
        buyer = _place(errand.address)
        return self._book(errand, Direction.OUTBOUND, self._warehouse, buyer)

    def cancel_collection(self, errand: Errand) -> Testimony:
        """The booked pickup is called off. To repeat it is harmless, so it is never asked about."""
        return self._carrier.cancel(errand.key, errand.of or "")

    def _book(
        self, errand: Errand, direction: Direction, sender: Place, recipient: Place
    ) -> Testimony:
        consignment = Consignment(
            key=errand.key,
            case_id=str(errand.case_id),
            order_id=errand.order_id,
            direction=direction,
            sender=sender,
            recipient=recipient,
            pieces=tuple((piece.sku, piece.quantity) for piece in errand.pieces),
        )
        if errand.move is Move.SEND:
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
