"""Where money stands: every movement of a payment's money, posted twice and never changed."""

from datetime import datetime

from sqlalchemy import update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from store.tables import LedgerPosting, Payment, Payout

# entry: the account that gives, the account that takes
ENTRIES = {
    "reserve": ("captured", "reserved"),
    "settle": ("reserved", "refunded"),
    "void": ("reserved", "captured"),
    "reverse": ("refunded", "captured"),
}


class NotCovered(Exception):
    """The payment has not enough left for the payout."""


def post(session: Session, payout: Payout, entry: str, now: datetime) -> None:
    """Move the payout's amount as `entry` says, in the payment and in the ledger together.

    Raises NotCovered if the payment, or the charge that it shares with others, does not hold that
    much. One conditional update decides, and the CHECK of the charge that a trigger moves with it.
    """
    gives, takes = ENTRIES[entry]
    changes = {gives: -payout.amount, takes: payout.amount}
    reserved, refunded = changes.get("reserved", 0), changes.get("refunded", 0)
    moved = (
        update(Payment)
        .where(
            Payment.id == payout.payment_id,
            Payment.reserved + reserved >= 0,
            Payment.refunded + refunded >= 0,
            Payment.reserved + reserved + Payment.refunded + refunded <= Payment.captured,
        )
        .values(reserved=Payment.reserved + reserved, refunded=Payment.refunded + refunded)
        .returning(Payment.id)
    )
    try:
        covered = session.execute(moved).one_or_none()
    except IntegrityError as error:
        if "charges_captured_not_exceeded" not in str(error.orig):
            raise
        covered = None
    if covered is None:
        raise NotCovered(str(payout.payout_id))
    session.add_all(
        LedgerPosting(
            storefront=payout.storefront,
            payout_id=payout.payout_id,
            attempt=payout.attempt,
            entry=entry,
            account=account,
            currency=payout.currency,
            amount=amount,
            at=now,
        )
        for account, amount in changes.items()
    )
