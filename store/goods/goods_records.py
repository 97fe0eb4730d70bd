"""What there is to show of a case's goods: its parcels, what came out of them, what was offered."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from store.tables import (
    Arrival,
    Bill,
    CaseReplacement,
    Diagnosis,
    Effect,
    Inspection,
    InspectionLine,
    Offer,
    Parcel,
    Repair,
    RepairQuote,
)


@dataclass
class GoodsRecord:
    """Effects and parcels oldest first; the inspection's lines and what is wanted for them by
    number; of diagnoses, quotes and bills the last.
    """

    effects: list[Effect] = field(default_factory=list)
    parcels: list[Parcel] = field(default_factory=list)
    arrivals: list[tuple[Parcel, Arrival]] = field(default_factory=list)
    inspection: Inspection | None = None
    lines: list[InspectionLine] = field(default_factory=list)
    offer: Offer | None = None
    diagnosis: Diagnosis | None = None
    quote: RepairQuote | None = None
    repair: Repair | None = None
    replacement: list[CaseReplacement] = field(default_factory=list)
    bill: Bill | None = None


def goods_of(session: Session, case_ids: Sequence[UUID]) -> defaultdict[UUID, GoodsRecord]:
    """The goods of these cases: always ten queries, none if there are no cases."""
    found: defaultdict[UUID, GoodsRecord] = defaultdict(GoodsRecord)
    if not case_ids:
        return found
    asked = select(Effect).where(Effect.case_id.in_(case_ids)).order_by(Effect.planned_at)
    for effect in session.scalars(asked):
        found[effect.case_id].effects.append(effect)
    sent = select(Parcel, Arrival).outerjoin(Arrival, Arrival.parcel_id == Parcel.parcel_id)
    sent = sent.where(Parcel.case_id.in_(case_ids))
    in_order = sent.order_by(Parcel.created_at, Parcel.parcel_id, Arrival.arrived_at)
    for parcel, arrival in session.execute(in_order):
        goods = found[parcel.case_id]
        if parcel not in goods.parcels[-1:]:
            goods.parcels.append(parcel)
        if arrival:
            goods.arrivals.append((parcel, arrival))
    for inspection in session.scalars(select(Inspection).where(Inspection.case_id.in_(case_ids))):
        found[inspection.case_id].inspection = inspection
    counted = select(InspectionLine).where(InspectionLine.case_id.in_(case_ids))
    for line in session.scalars(counted.order_by(InspectionLine.line)):
        found[line.case_id].lines.append(line)
    for offer in session.scalars(select(Offer).where(Offer.case_id.in_(case_ids))):
        found[offer.case_id].offer = offer
    diagnosed = select(Diagnosis).where(Diagnosis.case_id.in_(case_ids))
    for diagnosis in session.scalars(diagnosed.order_by(Diagnosis.n)):
        found[diagnosis.case_id].diagnosis = diagnosis
    quoted = select(RepairQuote).where(RepairQuote.case_id.in_(case_ids))
    for quote in session.scalars(quoted.order_by(RepairQuote.version)):
        found[quote.case_id].quote = quote
    for repair in session.scalars(select(Repair).where(Repair.case_id.in_(case_ids))):
        found[repair.case_id].repair = repair
    wanted = select(CaseReplacement).where(CaseReplacement.case_id.in_(case_ids))
    for replacement in session.scalars(wanted.order_by(CaseReplacement.line)):
        found[replacement.case_id].replacement.append(replacement)
    for bill in session.scalars(select(Bill).where(Bill.case_id.in_(case_ids)).order_by(Bill.n)):
        found[bill.case_id].bill = bill
    return found
