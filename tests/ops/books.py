"""Books in which everything that can happen to money has happened, rightly."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from activities.embedded_stock import EmbeddedStock
from domain import goods_messages
from domain.cases import Outcome, PayoutState
from domain.effects import EffectAction, EffectState, Returned, Said
from domain.parcels import ParcelStatus
from domain.stripe_amounts import to_stripe
from store.calls import Answer, Call
from store.closing import complete
from store.goods import effect_steps, offers, tracking
from store.goods.diagnoses import diagnose
from store.goods.effect_requests import EffectRequest
from store.goods.inspections import inspect
from store.goods.repairs import repaired
from store.goods.stock import put
from store.invariants import CHECKS, Check, Finding, Graces, examine, in_our_units, pin
from store.payouts import conclude
from store.session import Database
from store.tables import Case, Submission
from tests.effects import begin_next, stocked
from tests.shop import Shop, order_body, repair_body, request_body, return_body

PAID, FAILED = PayoutState.PAID, PayoutState.FAILED
CARD = {"kind": "bank_card", "token": "tok_1", "last4": "4242"}


LISTED = """
    insert into gateway_book
        (refund_id, way, charge, amount, currency, status, key, standing, created_at, seen_at)
    select id, case when charge is null then 'bank_card' else 'original' end, charge, ceil(amount),
           upper(currency), status, key,
           case when key in (select gateway_key from payout_attempts union all select key
                             from effects where action = 'refund_bill')
                then 'ours' else 'foreign' end,
           to_timestamp(created), now()
    from jsonb_to_recordset(
        (cast(:book as jsonb) -> 'refunds') || (cast(:book as jsonb) -> 'transfers'))
        as r(id text, charge text, amount numeric, currency text, status text, key text,
             created bigint)
"""
"""The book of refunds and transfers as a reading of the gateways' lists leaves it."""


class Books:
    """A shop whose payouts meet the answers a test says, and the gateway's own book beside it."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.shop = Shop(database)
        self.book: dict[str, Any] = {
            "ways": ["original", "bank_card", "carrier", "repair_shop"],
            "refunds": [],
            "transfers": [],
            "shipments": [],
            "work_orders": [],
        }

    def sell(self, order_id: str, *lines: Any, serials: Sequence[str] = (), **fields: Any) -> None:
        charge = [{"payment": f"ch_{order_id}", "provider": "stripe", "captured": 0}]
        body = order_body(*lines, **{"payments": charge, **fields})
        body["lines"][0]["serials"] = list(serials)
        if "payments" not in fields:
            paid = sum(line["paid"] for line in body["lines"]) + body["shipping"]["paid"]
            body["payments"][0]["captured"] = paid
        self.shop.sell(order_id, body, now())

    def apply(self, *lines: tuple[int, int], order_id: str, **fields: Any) -> UUID:
        return self.shop.apply(request_body(*lines, order_id=order_id, **fields), now()).case_id

    def approve(self, case_id: UUID, approvers: int = 1) -> None:
        for actor in (self.shop.lead, self.shop.other_lead)[:approvers]:
            self.shop.approve(case_id, actor, now())

    def advance(self, case_id: UUID, *answers: PayoutState) -> None:
        """One step for each answer that the gateway gives, then the end if it is reached."""
        for state in answers:
            call = self._step(case_id)
            assert isinstance(call, Call)
            answer = Answer(state, self._booked(call, state), "" if state is PAID else "declined")
            self.database.run(
                lambda s, call=call, answer=answer: conclude(
                    s, call, answer, self.shop.policy, now()
                )
            )
        if not answers or self.shop.read(case_id).stage == "paying":
            if not answers:
                self._step(case_id)
            self.database.run(
                lambda s: complete(s, case_id, Outcome.REFUNDED, self.shop.policy, now())
            )

    def _step(self, case_id: UUID) -> object:
        return self.shop.next_payout_step(case_id, now())

    def _booked(self, call: Call, state: PayoutState) -> str:
        refund = call.way == "original"
        named = "re" if refund else "tr"
        rows = self.book["refunds" if refund else "transfers"]
        if state is PAID:
            row = {
                "id": f"{named}_{len(rows)}",
                "amount": to_stripe(call.amount, call.currency),
                "currency": call.currency.lower(),
                "status": "succeeded",
                "key": call.gateway_key,
                "created": int(now().timestamp()) - 3600,
            }
            rows.append(row | ({"charge": call.payment} if refund else {}))
        return f"{named}_{len(rows) - 1}"

    def effect(self, case_id: UUID) -> None:
        """The next thing that the case has to have done is done."""
        request = self.database.run(lambda s: begin_next(s, case_id, now()))
        assert isinstance(request, EffectRequest)
        if request.action is EffectAction.RESTOCK:
            stocked(EmbeddedStock(self.database, now), request)
        else:
            row = {"id": request.key, "key": request.key, "created": int(now().timestamp()) - 3600}
            orders = request.action is EffectAction.ORDER_REPAIR
            self.book["work_orders" if orders else "shipments"].append(row)
        said = Said(EffectState.DONE, request.key, carrier="sandbox", tracking_number=request.key)
        self.database.run(
            lambda s: effect_steps.conclude(s, request, said, self.shop.policy, now())
        )

    def reverse(self, case_id: UUID) -> None:
        """The gateway takes the case's last payout back."""
        self.book["refunds"][-1]["status"] = "failed"
        with self.database.begin() as session:
            case = session.get_one(Case, case_id)
            assert case.stage == "completed"
        self.write(
            "insert into inbox (provider, event_id, type, payout_id, status) select 'stripe',"
            " 'evt_' || payout_id, 'refund.failed', payout_id, 'failed' from payouts"
            f" where case_id = '{case_id}' and state = 'paid'"
        )
        call = self._step(case_id)
        assert isinstance(call, Call)
        answer = Answer(FAILED, call.reference, "taken_back")
        self.database.run(lambda s: conclude(s, call, answer, self.shop.policy, now()))

    def write(self, statement: str) -> None:
        with self.database.engine.begin() as connection:
            connection.exec_driver_sql(statement)

    def examine(
        self, *broken_by: str, checks: Sequence[Check] = CHECKS, **outside: Any
    ) -> list[Finding]:
        """What the checks find, after these statements, which are then undone."""
        told = {"book": self.book, "workflows": self.workflows(), **outside}
        with Session(self.database.engine) as session:
            pin(session)
            session.execute(text("set local session_replication_role = replica"))  # no triggers
            self._read_gateways(session)
            for statement in broken_by:
                session.connection().exec_driver_sql(statement)
            findings = examine(session, graces=Graces(), checks=checks, **told)
            session.rollback()
        return findings

    def _read_gateways(self, session: Session) -> None:
        """Have the gateways' lists read, as they are in the book by now."""
        for statement in ("delete from gateway_book", "delete from gateway_readings", LISTED):
            session.execute(text(statement), {"book": json.dumps(in_our_units(self.book))})
        covered = "insert into gateway_readings values (:way, 'sandbox', '2000-01-01', now())"
        for way in {"original", "bank_card"} & set(self.book["ways"]):
            session.execute(text(covered), {"way": way})

    def read_gateways(self) -> None:
        self.database.run(self._read_gateways)

    def examine_snapshot(self) -> list[Finding]:
        """The same on books that nobody breaks, as the command does it."""
        with self.database.snapshot() as session:
            pin(session)
            return examine(session, graces=Graces(), book=self.book, workflows=self.workflows())

    def workflows(self) -> list[dict[str, Any]]:
        """One that is up to date for each thing that is open."""
        with self.database.begin() as session:
            waiting = [
                *session.execute(
                    select(Case.case_id, Case.stage, Case.due_at).where(Case.closed_at.is_(None))
                ),
                *session.execute(
                    select(Submission.submission_id, Submission.stage, Submission.due_at).where(
                        Submission.closed_at.is_(None)
                    )
                ),
            ]
        return [
            {"id": str(key), "status": "RUNNING", "stage": stage, "due_at": due_at.isoformat()}
            for key, stage, due_at in waiting
        ]

    def unguard(self) -> None:
        """Take away for good what keeps wrong rows out: checks, exclusions, partial uniqueness."""
        self.write("""
            do $$ declare guard record; begin
                for guard in select conrelid::regclass at, conname from pg_constraint
                    where contype in ('c', 'x') and connamespace = 'public'::regnamespace
                loop execute format('alter table %%s drop constraint %%I', guard.at, guard.conname);
                end loop;
                drop index reviews_one_live, feedback_one_score, gateway_differences_live_idx;
            end $$
        """)


def violated(findings: Sequence[Finding]) -> set[str]:
    return {finding.check.id for finding in findings if finding.rows}


def now() -> datetime:
    return datetime.now(UTC)


def eventful(database: Database) -> Books:
    """Paid, partly paid, refused, declined and retried, taken back, paid elsewhere, waiting."""
    books = Books(database)
    books.sell("o1", (6, 1530, 255), (3, 1000, 100), shipping=(495, 80))
    whole = books.apply((1, 2), order_id="o1", include_shipping=True)
    goodwill = books.apply((2, 3), order_id="o1", amount=400)
    for case in (whole, goodwill):
        books.approve(case)
        books.advance(case, PAID)
    books.shop.reject(books.apply((1, 1), order_id="o1"), now=now())
    books.shop.cancel(books.apply((1, 1), order_id="o1"), now())
    after_goodwill = books.apply((2, 1), order_id="o1")
    books.approve(after_goodwill)
    books.advance(after_goodwill, FAILED)
    books.shop.resume(after_goodwill, now=now(), action="retry")
    books.advance(after_goodwill, PAID)
    books.apply((1, 1), order_id="o1")
    _elsewhere(books)
    _shelves(books)
    _goods(books)
    _arrived(books)
    _repaired(books)
    books.write("update outbox set delivered_at = now()")
    _differing(books)
    return books


def _differing(books: Books) -> None:
    """The gateways' lists were read, and what they had otherwise was seen to, one still is."""
    books.read_gateways()
    books.write("""
        insert into payout_holds
            (since, placed_at, placed_by, imported_at, released_at, released_by)
        values (now(), now(), 'otto', now(), now(), 'lea')
    """)
    books.write("""
        insert into gateway_differences
            (kind, way, refund_id, theirs, currency, first_seen, last_seen, state, owner, note,
             resolved_at, resolved_by)
        values
            ('unknown_refund', 'original', 're_gone', 5, 'GBP', now(), now(), 'resolved', null,
             'gone', now(), 'reconcile'),
            ('unknown_refund', 'original', 're_meant', 5, 'GBP', now(), now(), 'resolved', 'lea',
             'a gift', now(), 'lea'),
            ('unknown_refund', 'original', 're_seen', 5, 'GBP', now(), now(), 'owned', 'lea', '',
             null, null)
    """)


def _settled_doubt(books: Books) -> None:
    """The gateway never said what became of it, so two people did."""
    books.sell("o-doubt", (1, 800))
    case = books.apply((1, 1), order_id="o-doubt")
    books.approve(case)
    for _ in range(2):
        books.advance(case, PayoutState.UNKNOWN)
        books.write(
            f"update payouts set unknown_since = now() - interval '4 days' where case_id = '{case}'"
        )
    for actor in (books.shop.operator, books.shop.lead):
        books.shop.resume(case, actor, now(), action="settle", reference="wire-1")


def _approved_by_policy(books: Books) -> None:
    by_people = books.shop.policy
    books.shop.auto_approve(400, per_order=800)
    books.sell("o-policy", (3, 1200))
    for _ in range(3):
        case = books.apply((1, 1), order_id="o-policy")
        if books.shop.read(case).stage == "paying":
            books.advance(case, PAID)
    books.shop.policy = by_people


def _elsewhere(books: Books) -> None:
    books.sell("o2", (1, 5000, 0))
    card = books.apply((1, 1), order_id="o2", payout_to=CARD)
    books.approve(card, approvers=2)
    books.advance(card, PAID)
    books.sell("o3", (2, 900, 90))
    credit = books.apply((1, 1), order_id="o3", payout_to={"kind": "store_credit"})
    books.approve(credit)
    books.advance(credit)
    till = [{"payment": "till-1", "provider": "offline", "captured": 700}]
    books.sell("o4", (1, 700, 0), payments=till)
    offline = books.apply((1, 1), order_id="o4")
    books.approve(offline)
    books._step(offline)
    books.shop.resume(offline, now=now(), action="settle", reference="till-9")
    _settled_doubt(books)
    _approved_by_policy(books)
    books.sell("o5", (4, 2000, 200))
    taken_back = books.apply((1, 2), order_id="o5")
    books.approve(taken_back)
    books.advance(taken_back, PAID)
    books.reverse(taken_back)


def _goods(books: Books) -> None:
    """A return of three units: two are kept, one goes back."""
    books.sell("o6", (3, 1500))
    request = return_body((1, 3), order_id="o6")
    case_id = books.shop.apply(request, now()).case_id
    books.approve(case_id)
    books.effect(case_id)
    line = {"line": 1, "received": 3, "accepted": 2, "reason": "worn", "disposition": "restock"}
    found = goods_messages.Inspection.model_validate({"lines": [line]})
    warehouse, rules = books.shop.warehouse, books.shop.policy
    books.database.run(lambda s: inspect(s, case_id, found, warehouse, rules, now()))
    nothing = goods_messages.Offer(amount=0)
    books.database.run(lambda s: offers.make(s, case_id, nothing, books.shop.lead, rules, now()))
    books.advance(case_id, PAID)
    for _ in ("put back", "sent"):
        books.effect(case_id)
    number = books.book["shipments"][-1]["key"]
    arrived = tracking.Report("sandbox", "evt_1", number, ParcelStatus.DELIVERED, now())
    books.database.run(lambda s: tracking.receive(s, arrived, rules, now()))


def _arrived(books: Books) -> None:
    """A return whose buyer sends nothing in time, and then does: counted and sent back."""
    books.sell("late-1", (1, 700))
    case_id = books.shop.apply(return_body((1, 1), order_id="late-1"), now()).case_id
    books.approve(case_id)
    books.effect(case_id)
    rules, warehouse = books.shop.policy, books.shop.warehouse
    books.shop.cancel(case_id, now())
    calling_off = books.database.run(lambda s: begin_next(s, case_id, now()))
    assert isinstance(calling_off, EffectRequest)
    gone = Said(EffectState.CANCELLED, None, "already_picked_up")
    books.database.run(lambda s: effect_steps.conclude(s, calling_off, gone, rules, now()))
    number = books.book["shipments"][-1]["key"]
    arrived = tracking.Report("sandbox", "evt_3", number, ParcelStatus.DELIVERED, now())
    books.database.run(lambda s: tracking.receive(s, arrived, rules, now()))
    line = {"line": 1, "received": 1, "accepted": 0, "reason": "late", "disposition": "send_back"}
    thing = {"title": "a scarf", "quantity": 1}
    found = goods_messages.Inspection.model_validate({"lines": [line], "unlisted": [thing]})
    books.database.run(lambda s: inspect(s, case_id, found, warehouse, rules, now()))
    books.effect(case_id)


def _repaired(books: Books) -> None:
    """A unit that comes in, is repaired under warranty and goes back."""
    books.sell("o7", (1, 900), serials=["A1"])
    case_id = books.shop.apply(repair_body((1, 1), order_id="o7"), now()).case_id
    books.approve(case_id)
    books.effect(case_id)
    found = goods_messages.Diagnosis(serial="A1", fault="no power", covered=True, repairable=True)
    technician, rules = books.shop.technician, books.shop.policy
    books.database.run(lambda s: diagnose(s, case_id, found, technician, rules, now()))
    books.effect(case_id)
    done = goods_messages.Repaired(serial="A1", note="new fuse")
    books.database.run(lambda s: repaired(s, case_id, done, technician, rules, now()))
    books.effect(case_id)
    number = books.book["shipments"][-1]["key"]
    arrived = tracking.Report("sandbox", "evt_2", number, ParcelStatus.DELIVERED, now())
    books.database.run(lambda s: tracking.receive(s, arrived, rules, now()))


def _shelves(books: Books) -> None:
    """Counted twice, held, shipped, released, run out, put back."""
    stock = EmbeddedStock(books.database, now)
    for on_hand in (3, 9):
        books.database.run(
            lambda s, on_hand=on_hand: put(
                s, "demo", "SKU1", "main", on_hand, actor="wanda", now=now()
            )
        )
    until = {"live": 1, "shipped": 1, "released": 1, "over": -1}
    for key, days in until.items():
        stock.hold(
            key=key,
            storefront="demo",
            sku="SKU1",
            quantity=2,
            until=now() + timedelta(days=days),
        )
    stock.ship(key="shipped")
    stock.release(key="released")
    stock.put_back(storefront="demo", pieces=[Returned("back", "SKU2", 1, "main")])
