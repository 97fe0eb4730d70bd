"""A number is one live parcel's; a report is one parcel's; parcels that no case waits for

Revision: 0021, after 0020
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0021"
down_revision = "0020"


def upgrade() -> None:
    _parcels()
    op.add_column(
        "parcel_reports",
        sa.Column(
            "parcel_id",
            sa.Uuid(),
            sa.ForeignKey("parcels.parcel_id", name=op.f("parcel_reports_parcel_id_fk")),
        ),
    )
    op.create_index(op.f("parcel_reports_parcel_id_idx"), "parcel_reports", ["parcel_id"])
    op.execute("drop trigger parcel_reports_append_only on parcel_reports")
    op.execute(
        "update parcel_reports r set parcel_id = p.parcel_id from parcels p"
        " where p.carrier = r.carrier and p.tracking_number = r.tracking_number"
        " and r.at >= p.since - interval '14 hours'"
    )
    _said_for_good("carrier, event_id, tracking_number, status, at, received_at")
    _arrivals()


def _said_for_good(columns: str) -> None:
    """What a carrier reported never changes; whose parcel it is about may be known only later."""
    what = f"update of {columns}" if columns else "update"
    op.execute(
        f"""
        create trigger parcel_reports_append_only before {what} or delete on parcel_reports
        for each row execute function refuse_change()
        """
    )


def _parcels() -> None:
    for name in ("since", "released_at"):
        op.add_column("parcels", sa.Column(name, sa.DateTime(timezone=True)))
    op.execute(
        "update parcels p set since = c.opened_at, released_at = case"
        " when p.status = 'delivered' then coalesce(c.closed_at, now()) else c.closed_at end"
        " from cases c where c.case_id = p.case_id"
    )
    op.alter_column("parcels", "since", nullable=False)
    op.drop_constraint(op.f("parcels_carrier_tracking_number_key"), "parcels")
    named = ["carrier", "tracking_number"]
    live = sa.text("released_at is null")
    op.create_index("parcels_one_live", "parcels", named, unique=True, postgresql_where=live)
    op.create_index(op.f("parcels_carrier_tracking_number_idx"), "parcels", named)


def _arrivals() -> None:
    op.create_table(
        "arrivals",
        sa.Column("arrival_id", sa.Uuid(), nullable=False),
        sa.Column("storefront", sa.Text(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("parcel_id", sa.Uuid(), nullable=False),
        sa.Column("arrived_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("inspection_id", sa.Text()),
        sa.Column("actor", sa.Text()),
        sa.Column("counted_at", sa.DateTime(timezone=True)),
        sa.Column("lines", postgresql.JSONB(), nullable=False),
        sa.Column("unlisted", postgresql.JSONB(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("action", sa.Text()),
        sa.Column("decided_at", sa.DateTime(timezone=True)),
        sa.Column("effect_id", sa.Uuid()),
        sa.PrimaryKeyConstraint("arrival_id", name=op.f("arrivals_pk")),
        sa.ForeignKeyConstraint(["case_id"], ["cases.case_id"], name=op.f("arrivals_case_id_fk")),
        sa.ForeignKeyConstraint(
            ["parcel_id"], ["parcels.parcel_id"], name=op.f("arrivals_parcel_id_fk")
        ),
        sa.ForeignKeyConstraint(["actor"], ["tokens.name"], name=op.f("arrivals_actor_fk")),
        sa.ForeignKeyConstraint(
            ["effect_id"], ["effects.effect_id"], name=op.f("arrivals_effect_id_fk")
        ),
        sa.UniqueConstraint("inspection_id", name=op.f("arrivals_inspection_id_key")),
        sa.UniqueConstraint("effect_id", name=op.f("arrivals_effect_id_key")),
        sa.CheckConstraint(
            "action in ('send_back', 'keep', 'inspected', 'gone_back')",
            name=op.f("arrivals_action_known"),
        ),
        sa.CheckConstraint(
            "(counted_at is null) = (actor is null)"
            " and (counted_at is null) = (inspection_id is null)",
            name=op.f("arrivals_counted_whole"),
        ),
        sa.CheckConstraint(
            "(action is null) = (decided_at is null)", name=op.f("arrivals_decided_at")
        ),
        sa.CheckConstraint(
            "action is null or action in ('inspected', 'gone_back') or counted_at is not null",
            name=op.f("arrivals_counted_first"),
        ),
        sa.CheckConstraint(
            "(action is not distinct from 'send_back') = (effect_id is not null)",
            name=op.f("arrivals_sent"),
        ),
    )
    op.create_index(op.f("arrivals_case_id_idx"), "arrivals", ["case_id"])
    op.create_index(
        "arrivals_one_undecided",
        "arrivals",
        ["parcel_id"],
        unique=True,
        postgresql_where=sa.text("decided_at is null"),
    )


def downgrade() -> None:
    op.drop_table("arrivals")
    op.execute("drop trigger parcel_reports_append_only on parcel_reports")
    op.drop_column("parcel_reports", "parcel_id")
    _said_for_good("")
    op.drop_index(op.f("parcels_carrier_tracking_number_idx"), "parcels")
    op.drop_index("parcels_one_live", "parcels")
    op.create_unique_constraint(
        op.f("parcels_carrier_tracking_number_key"), "parcels", ["carrier", "tracking_number"]
    )
    for name in ("since", "released_at"):
        op.drop_column("parcels", name)
