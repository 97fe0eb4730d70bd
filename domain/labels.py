"""Which cases have a label to print, and what does it say besides the RMA number?"""

from domain.cases import AUDITS, Kind, Stage
from domain.policy_parts import Warehouse


def parcel_is_to_come(kind: Kind, stage: Stage) -> bool:
    """True if the buyer has, or had, something to send in: then there is a label for it.

    A refund leaves the goods where they are. Of the other kinds a parcel comes once a person or
    the policy has approved, and none any more once the case is closed; in between the label may
    be printed as often as it is lost.
    """
    return kind is not Kind.REFUND and stage not in AUDITS and not stage.terminal


def label_lines(order_id: str, storefront: str, warehouse: Warehouse) -> list[str]:
    """What the warehouse and the carrier read: whose parcel, and where it goes. No buyer's name."""
    place = [warehouse.postal_code, warehouse.country]
    address = [
        warehouse.name,
        *warehouse.lines,
        warehouse.city,
        warehouse.region,
        " ".join(part for part in place if part),
        warehouse.phone,
    ]
    return [f"Order {order_id}", f"Storefront {storefront}", "", *filter(None, address)]
