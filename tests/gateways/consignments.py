"""What does a test of carriers and repair shops have carried and repaired?"""

import uuid

from domain.parcels import Direction
from gateways.carriers import Consignment, Place
from gateways.repair_shops import WorkOrder

BUYER = Place(
    name="Ada Buyer",
    phone="+44 20 7946 0000",
    lines=("1 Analytical Row",),
    city="London",
    region=None,
    postal_code="N1 1AA",
    country="GB",
)
WAREHOUSE = Place(
    name="Returns",
    phone="+44 20 7946 0001",
    lines=("Dock 4", "2 Freight Road"),
    city="Leeds",
    region=None,
    postal_code="LS1 1AA",
    country="GB",
)


def consignment_for(order_id: str) -> Consignment:
    return Consignment(
        key=f"as1-{uuid.uuid4()}",
        case_id=str(uuid.uuid4()),
        order_id=order_id,
        direction=Direction.INBOUND,
        sender=BUYER,
        recipient=WAREHOUSE,
        pieces=(("SKU-1", 2),),
    )


def work_for(order_id: str) -> WorkOrder:
    return WorkOrder(
        key=f"as1-{uuid.uuid4()}",
        case_id=str(uuid.uuid4()),
        order_id=order_id,
        sku="SKU-1",
        serial="SN-1",
        fault="does_not_charge",
    )
