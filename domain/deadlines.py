"""How long each wait of a case may last, and when whoever it waits for is reminded."""

from datetime import datetime, timedelta

from domain.cases import Stage, WaitingFor
from domain.policy_parts import Days, Hours, Part

SATURDAY = 5


class Deadlines(Part):
    """How long each wait may last. Hours, or days where the name says so."""

    audit: Hours
    reminder: Hours
    attention: Hours
    payout: Hours
    parcel_sent_days: Days
    parcel_silent_days: Days
    inspection_working_days: Days
    diagnosis_working_days: Days
    repair_days: Days
    offer_days: Days
    stock_days: Days
    hold_days: Days
    difference_days: Days

    def due(self, stage: Stage, waiting_for: WaitingFor | None, now: datetime) -> datetime:
        """Until when a case that enters this stage now may wait in it for them."""
        match stage, waiting_for:
            case Stage.PAYING, _:
                return now + timedelta(hours=self.payout)
            case Stage.NEEDS_ATTENTION, _:
                return now + timedelta(hours=self.attention)
            case Stage.AWAITING_PARCEL, WaitingFor.BUYER:
                return now + timedelta(days=self.parcel_sent_days)
            case ((Stage.AWAITING_PARCEL | Stage.SHIPPING), _):
                return now + timedelta(days=self.parcel_silent_days)
            case Stage.AWAITING_INSPECTION, WaitingFor.WAREHOUSE:
                return working_days_after(now, self.inspection_working_days)
            case Stage.AWAITING_BUYER, _:
                return now + timedelta(days=self.offer_days)
            case Stage.AWAITING_STOCK, _:
                return now + timedelta(days=self.stock_days)
            case Stage.IN_REPAIR, _:
                return working_days_after(now, self.diagnosis_working_days)
            case _:
                return now + timedelta(hours=self.audit)

    def repaired_by(self, now: datetime) -> datetime:
        """Until when work that is ordered now may last: `due` is for the diagnosis before it."""
        return now + timedelta(days=self.repair_days)

    def remind(
        self, stage: Stage, waiting_for: WaitingFor | None, now: datetime, due: datetime
    ) -> datetime | None:
        """When they are first reminded: staff some time after it began, buyers, carriers and
        technicians before it ends. Nobody is reminded of money on its way.
        """
        early = timedelta(hours=self.reminder)
        match stage, waiting_for:
            case Stage.PAYING, _:
                return None
            case Stage.NEEDS_ATTENTION, _:
                return due
            case (_, WaitingFor.BUYER) | (Stage.IN_REPAIR, _):
                return max(now, due - early)
            case _, WaitingFor.CARRIER:
                return due
            case _:
                return min(now + early, due)


def working_days_after(start: datetime, days: int) -> datetime:
    """The same time of day so many working days (Monday to Friday, UTC) later."""
    moment = start
    while days:
        moment += timedelta(days=1)
        if moment.weekday() < SATURDAY:
            days -= 1
    return moment
