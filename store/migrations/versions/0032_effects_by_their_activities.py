"""Actions of effects bear the names of their activities; an open bill is an effect that stands

Revision: 0032, after 0031
"""

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0031"

BEFORE = (
    ("book_pickup", "collect"),
    ("cancel_pickup", "cancel_collection"),
    ("send_parcel", "send"),
    ("hold_stock", "hold"),
    ("release_stock", "release"),
    ("ship_stock", "ship"),
    ("restock", "put_back"),
    ("order_repair", "work_order"),
    ("collect_bill", "bill"),
    ("cancel_bill", "cancel_bill"),
    ("refund_bill", "repay_bill"),
)
TOPICS = (
    "'start', 'approve', 'reject', 'cancel', 'resume', 'payout_news', 'case_news', "
    "'submission_news'"
)


def upgrade() -> None:
    _forget()
    op.execute("delete from effects where action = 'ask_bill'")
    for now, before in BEFORE:
        _rename(before, now)
    # What is open was done with its opening; from now on it is done once it is paid.
    op.execute(
        "update effects e set state = case b.state when 'open' then 'requested'"
        " else 'cancelled' end, done_at = null from bills b"
        " where b.bill_id = e.bill_id and e.action = 'collect_bill' and e.state = 'done'"
        " and b.state not in ('paid', 'paid_back')"
    )
    _know([now for now, _ in BEFORE], "'collect_bill', 'cancel_bill', 'refund_bill'")
    _topics(f"'bill_news', {TOPICS}")


def downgrade() -> None:
    _forget()
    op.execute(
        "update effects set state = 'done', done_at = now()"
        " where action = 'collect_bill' and state = 'requested' and reference is not null"
    )
    for now, before in BEFORE:
        _rename(now, before)
    actions = [*(before for _, before in BEFORE), "ask_bill"]
    _know(actions, "'bill', 'ask_bill', 'cancel_bill', 'repay_bill'")
    op.execute("delete from outbox where topic = 'bill_news'")
    _topics(TOPICS)


def _rename(action: str, to: str) -> None:
    rename = sa.text("update effects set action = :to where action = :action")
    op.execute(rename.bindparams(action=action, to=to))


def _forget() -> None:
    op.drop_constraint(op.f("effects_action_known"), "effects")
    op.drop_constraint(op.f("effects_of_a_bill"), "effects")


def _know(actions: list[str], of_a_bill: str) -> None:
    known = ", ".join(f"'{action}'" for action in actions)
    op.create_check_constraint(op.f("effects_action_known"), "effects", f"action in ({known})")
    op.create_check_constraint(
        op.f("effects_of_a_bill"),
        "effects",
        f"(action in ({of_a_bill})) = (bill_id is not null)",
    )


def _topics(topics: str) -> None:
    op.drop_constraint(op.f("outbox_topic_known"), "outbox")
    op.create_check_constraint(op.f("outbox_topic_known"), "outbox", f"topic in ({topics})")
