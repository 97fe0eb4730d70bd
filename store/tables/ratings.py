"""What scores add up to, kept as they come: nobody counts reviews to read a rating."""

from datetime import date

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from store.tables.declared import Table


class _Tally:
    """The columns of `domain.ratings.Tally`, which have to agree with each other."""

    n: Mapped[int] = mapped_column(server_default="0")
    total: Mapped[int] = mapped_column(server_default="0")
    squares: Mapped[int] = mapped_column(server_default="0")
    h1: Mapped[int] = mapped_column(server_default="0")
    h2: Mapped[int] = mapped_column(server_default="0")
    h3: Mapped[int] = mapped_column(server_default="0")
    h4: Mapped[int] = mapped_column(server_default="0")
    h5: Mapped[int] = mapped_column(server_default="0")


def _sums() -> CheckConstraint:
    return CheckConstraint(
        "least(h1, h2, h3, h4, h5) >= 0 and n = h1 + h2 + h3 + h4 + h5 "
        "and total = h1 + 2 * h2 + 3 * h3 + 4 * h4 + 5 * h5 "
        "and squares = h1 + 4 * h2 + 9 * h3 + 16 * h4 + 25 * h5",
        name="sums_agree",
    )


def _cases() -> CheckConstraint:
    return CheckConstraint("with_case between 0 and n", name="with_case_within")


class RatingDay(_Tally, Table):
    """Stars of a product's published reviews, by the UTC day on which each was first published."""

    __tablename__ = "rating_days"
    __table_args__ = (_sums(), _cases(), Index(None, "day"))
    storefront: Mapped[str] = mapped_column(ForeignKey("storefronts.storefront"), primary_key=True)
    sku: Mapped[str] = mapped_column(primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    with_case: Mapped[int] = mapped_column(server_default="0")


class RatingTotal(_Tally, Table):
    """The same of all days together."""

    __tablename__ = "rating_totals"
    __table_args__ = (_sums(), _cases())
    storefront: Mapped[str] = mapped_column(ForeignKey("storefronts.storefront"), primary_key=True)
    sku: Mapped[str] = mapped_column(primary_key=True)
    with_case: Mapped[int] = mapped_column(server_default="0")


class SatisfactionDay(_Tally, Table):
    """How content buyers said they were once their cases were closed, by UTC day."""

    __tablename__ = "satisfaction_days"
    __table_args__ = (_sums(), Index(None, "day"))
    storefront: Mapped[str] = mapped_column(ForeignKey("storefronts.storefront"), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
