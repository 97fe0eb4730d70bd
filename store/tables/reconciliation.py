"""How our books compare with a gateway's own list: what was read of it, and what differs."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Identity, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from domain.reconciliation import Difference, State
from store.tables.declared import Table, one_of


class GatewayReading(Table):
    """How far a gateway's list is in `gateway_book`: all that it made from `covers_from` until
    `read_at`, when the last whole reading of it began.
    """

    __tablename__ = "gateway_readings"
    __table_args__ = (
        one_of("way", ("original", "bank_card")),
        CheckConstraint("covers_from <= read_at", name="covers_before_reading"),
    )
    way: Mapped[str] = mapped_column(primary_key=True)
    base: Mapped[str]
    """Which gateway it is, by its address: another's list is never mixed in."""
    covers_from: Mapped[datetime]
    read_at: Mapped[datetime]


class GatewayDifference(Table):
    """What the gateway has otherwise than our books, whose it is, and how it ended.

    One that is gone at the next comparison is resolved by `reconcile`. One that a person resolved
    may stay as it is: it is opened again, as a new row, only if its amounts change.
    """

    __tablename__ = "gateway_differences"
    __table_args__ = (
        one_of("kind", Difference),
        one_of("state", State),
        one_of("way", ("original", "bank_card")),
        CheckConstraint("num_nonnulls(refund_id, payout_id) > 0", name="of_something"),
        CheckConstraint("(state <> 'owned') or (owner is not null)", name="owned_by_somebody"),
        CheckConstraint(
            "(state = 'resolved') = (resolved_at is not null) "
            "and (state = 'resolved') = (resolved_by is not null) "
            "and (state <> 'resolved' or note <> '')",
            name="resolved_by_somebody",
        ),
        CheckConstraint("first_seen <= last_seen", name="seen_in_order"),
        Index(
            "gateway_differences_live_idx",
            "kind",
            "refund_id",
            "payout_id",
            unique=True,
            postgresql_where=text("state <> 'resolved'"),
            postgresql_nulls_not_distinct=True,
        ),
        Index(None, "refund_id"),
        Index(None, "payout_id"),
    )
    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    kind: Mapped[str]
    way: Mapped[str]
    refund_id: Mapped[str | None]
    payout_id: Mapped[UUID | None] = mapped_column(ForeignKey("payouts.payout_id"))
    storefront: Mapped[str | None]
    order_id: Mapped[str | None]
    case_id: Mapped[UUID | None]
    ours: Mapped[int | None]
    """What our books have, in minor units of `currency`; null where they have nothing."""
    theirs: Mapped[int | None]
    """What the gateway has, in its currency; null where it has nothing."""
    currency: Mapped[str]
    first_seen: Mapped[datetime]
    last_seen: Mapped[datetime]
    state: Mapped[str]
    owner: Mapped[str | None]
    note: Mapped[str] = mapped_column(server_default="")
    resolved_at: Mapped[datetime | None]
    resolved_by: Mapped[str | None]


class PayoutHold(Table):
    """No payout is sent for the first time from `placed_at` until a second person has released the
    hold. It was placed because the database is of the moment `since`.
    """

    __tablename__ = "payout_holds"
    __table_args__ = (
        CheckConstraint(
            "(released_at is null) = (released_by is null)", name="released_by_somebody"
        ),
        CheckConstraint("released_by <> placed_by", name="released_by_a_second_person"),
        CheckConstraint("(released_at is null) or (imported_at is not null)", name="imported"),
        CheckConstraint("since <= placed_at", name="since_before_placed"),
        Index(
            "payout_holds_one_idx",
            text("(released_at is null)"),
            unique=True,
            postgresql_where=text("released_at is null"),
        ),
    )
    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    since: Mapped[datetime]
    placed_at: Mapped[datetime]
    placed_by: Mapped[str]
    imported_at: Mapped[datetime | None]
    released_at: Mapped[datetime | None]
    released_by: Mapped[str | None]
