"""What came in although no case waits for it: it stands in the house until somebody decides."""

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from ops.mending import Stuck, item
from ops.target import Target
from store.tables import Arrival, Case, Parcel

COUNT = {"lines": [{"line": 1, "received": 1, "accepted": 0, "reason": "REASON"}]}
ACTIONS = ("send_back", "keep")


def arrived(session: Session, target: Target, now: datetime) -> Iterator[Stuck]:
    """What is to be counted; then, once its case is closed, what is to be decided on."""
    waiting = (
        select(Case, Parcel, Arrival.arrived_at, Arrival.counted_at)
        .join(Arrival, Arrival.case_id == Case.case_id)
        .join(Parcel, Parcel.parcel_id == Arrival.parcel_id)
        .where(
            Arrival.decided_at.is_(None),
            or_(Arrival.counted_at.is_(None), Case.closed_at.is_not(None)),
        )
        .order_by(Arrival.arrived_at)
    )
    for case, parcel, at, counted_at in session.execute(waiting):
        why = f"{parcel.carrier} {parcel.tracking_number} came in, and the case is {case.stage}."
        if counted_at:
            why += " It was counted: send it back, or a lead keeps it."
            mend = [_post(case, target, "arrival", {"action": a, "note": "NOTE"}) for a in ACTIONS]
        else:
            why += " The warehouse is to count it, and to send it back or ask a lead."
            mend = [_post(case, target, "inspection", COUNT)]
        yield item(case, "arrived", at, why, mend)


def _post(case: Case, target: Target, verb: str, body: dict[str, Any]) -> str:
    return (
        f"curl -X POST {target.api}/v1/cases/{case.case_id}/{verb}"
        " -H 'Authorization: Bearer TOKEN' -H 'Content-Type: application/json'"
        f" -d '{json.dumps(body)}'"
    )
