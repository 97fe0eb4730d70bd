"""What do a case's goods look like from outside? Parcels, what was in them, what was offered."""

from typing import Any

from pydantic import BaseModel

from api.instants import Instant
from domain.messages import Disposition, Grade
from domain.parcels import Direction, ParcelStatus
from store.goods_records import GoodsRecord


class ParcelAnswer(BaseModel):
    direction: Direction
    carrier: str
    tracking_number: str
    status: ParcelStatus
    seen_at: Instant | None
    lost_at: Instant | None


class InspectedLineAnswer(BaseModel):
    line: int
    received: int
    accepted: int
    grade: Grade | None
    reason: str | None
    disposition: Disposition | None
    photos: list[str]


class InspectionAnswer(BaseModel):
    inspection_id: str
    at: Instant
    note: str
    lines: list[InspectedLineAnswer]
    unlisted: list[dict[str, Any]]


class OfferAnswer(BaseModel):
    offer_id: str
    amount: int
    note: str
    at: Instant
    answer: str | None
    answered_at: Instant | None


class GoodsAnswer(BaseModel):
    """What a case with goods shows beside what every case does."""

    parcels: list[ParcelAnswer]
    inspection: InspectionAnswer | None
    offer: OfferAnswer | None


def goods_answer(goods: GoodsRecord) -> GoodsAnswer:
    return GoodsAnswer(
        parcels=[
            ParcelAnswer(
                direction=Direction(parcel.direction),
                carrier=parcel.carrier,
                tracking_number=parcel.tracking_number,
                status=ParcelStatus(parcel.status),
                seen_at=parcel.seen_at,
                lost_at=parcel.lost_at,
            )
            for parcel in goods.parcels
        ],
        inspection=_inspection(goods),
        offer=_offer(goods),
    )


def _inspection(goods: GoodsRecord) -> InspectionAnswer | None:
    inspection = goods.inspection
    if inspection is None:
        return None
    return InspectionAnswer(
        inspection_id=inspection.inspection_id,
        at=inspection.at,
        note=inspection.note,
        lines=[
            InspectedLineAnswer(
                line=line.line,
                received=line.received,
                accepted=line.accepted,
                grade=Grade(line.grade) if line.grade else None,
                reason=line.reason,
                disposition=Disposition(line.disposition) if line.disposition else None,
                photos=line.photos,
            )
            for line in goods.lines
        ],
        unlisted=inspection.unlisted,
    )


def _offer(goods: GoodsRecord) -> OfferAnswer | None:
    offer = goods.offer
    if offer is None:
        return None
    return OfferAnswer(
        offer_id=offer.offer_id,
        amount=offer.amount,
        note=offer.note,
        at=offer.at,
        answer=offer.answer,
        answered_at=offer.answered_at,
    )
