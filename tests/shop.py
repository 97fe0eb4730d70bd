"""A shop for tests: sells, files cases and decides them, straight on the store."""

from collections.abc import Sequence
from contextlib import nullcontext
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from domain.charges import Reading, Transfers
from domain.messages import Approve, Cancel, CaseRequest, Reject, Resume
from domain.orders import OrderPut
from domain.payouts import Standing
from domain.people import Actor, Role
from domain.policy import Policy
from domain.policy_parts import AutoApproval
from runtime.settings import policy
from store import cases, decisions, opening, orders, payouts, resumes, tokens
from store.calls import Call
from store.clearance import ReadCharge, ReadTransfers
from store.session import Database
from store.tables import Case
from tests.workflows.gateway import charge_of

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


def order_body(
    *lines: tuple[int, int] | tuple[int, int, int],
    payments: Sequence[dict[str, Any]] | None = None,
    shipping: tuple[int, int] = (0, 0),
    **fields: Any,
) -> dict[str, Any]:
    """An order's JSON. Lines are (quantity, paid[, tax]); one card payment covers it all unless
    others are given.
    """
    paid = sum(line[1] for line in lines) + shipping[0]
    return {
        "currency": "GBP",
        "customer": {"id": "17850"},
        "ordered_at": "2026-11-01T08:26:00Z",
        "lines": [
            {
                "line": number,
                "sku": f"SKU{number}",
                "title": "A thing",
                "quantity": line[0],
                "paid": line[1],
                "tax": line[2] if len(line) > 2 else 0,
            }
            for number, line in enumerate(lines, start=1)
        ],
        "shipping": {"paid": shipping[0], "tax": shipping[1]},
        "payments": payments
        or [{"payment": "ch_1", "provider": "stripe", "method": "card", "captured": paid}],
        **fields,
    }


def request_body(*lines: tuple[int, int], order_id: str = "o1", **fields: Any) -> dict[str, Any]:
    """A refund request's JSON over (line, quantity) pairs."""
    return {
        "kind": "refund",
        "order_id": order_id,
        "lines": [{"line": line, "quantity": quantity} for line, quantity in lines],
        "reason": "damaged",
        **fields,
    }


ADDRESS = {
    "name": "A. Buyer",
    "phone": "+441632960001",
    "lines": ["1 High Street"],
    "city": "Leeds",
    "postal_code": "LS1 1AA",
    "country": "GB",
}


def return_body(*lines: tuple[int, int], order_id: str = "o1", **fields: Any) -> dict[str, Any]:
    """A return request's JSON over (line, quantity) pairs."""
    return request_body(*lines, order_id=order_id, kind="return", address=ADDRESS, **fields)


def exchange_body(
    *lines: tuple[int, int], price: int, sku: str = "NEW1", order_id: str = "o1", **fields: Any
) -> dict[str, Any]:
    """An exchange request's JSON over (line, quantity) pairs, each for `sku` at `price` in all."""
    wanted = [{"line": n, "sku": sku, "quantity": m, "price": price} for n, m in lines]
    fields = {"kind": "exchange", "address": ADDRESS, "replacement": wanted, **fields}
    return request_body(*lines, order_id=order_id, **fields)


def repair_body(*lines: tuple[int, int], order_id: str = "o1", **fields: Any) -> dict[str, Any]:
    """A repair request's JSON over (line, quantity) pairs."""
    fields = {"kind": "repair", "reason": "warranty_fault", "address": ADDRESS, **fields}
    return request_body(*lines, order_id=order_id, **fields)


class Shop:
    """One storefront, `demo`, with an auditor, two leads, an operator, a warehouse and a
    technician.
    """

    def __init__(self, database: Database, rules: Policy | None = None) -> None:
        self.database = database
        self.policy = rules or policy(None)
        self.tokens: dict[str, str] = {}
        with database.begin() as session:  # one trip for all: every test waits for it
            self._session: Session | None = session
            self.storefront = self.hire("shop", Role.STOREFRONT, storefront="demo")
            self.auditor = self.hire("alice", Role.AUDITOR, limits={"GBP": 50_000})
            self.lead = self.hire("lea", Role.LEAD)
            self.other_lead = self.hire("leo", Role.LEAD)
            self.operator = self.hire("otto", Role.OPERATOR)
            self.warehouse = self.hire("wanda", Role.WAREHOUSE)
            self.technician = self.hire("tina", Role.TECHNICIAN)
        self._session = None

    def hire(
        self,
        name: str,
        role: Role,
        *,
        storefront: str | None = None,
        limits: dict[str, int] | None = None,
    ) -> Actor:
        """A new token's holder; the secret is in `tokens`."""
        with nullcontext(self._session) if self._session else self.database.begin() as session:
            self.tokens[name] = tokens.issue(
                session, name, role, storefront=storefront, limits=limits
            )
        return Actor(name, role, storefront, limits or {})

    def auto_approve(
        self,
        up_to: int,
        *,
        kinds: Sequence[str] = ("refund",),
        per_order: int = 10**9,
        per_buyer: int = 10**9,
        per_day: int = 10**9,
    ) -> None:
        """Have the policy approve what is damaged by itself, within these caps in GBP."""
        sums = {"per_order": per_order, "per_buyer": per_buyer, "per_day": per_day}
        caps = {name: {"GBP": cap} for name, cap in {"up_to": up_to, **sums}.items()}
        auto = AutoApproval.model_validate({"kinds": kinds, "reasons": ["damaged"], **caps})
        self.policy = self.policy.model_copy(update={"auto_approval": auto})

    def revoke(self, name: str, now: datetime = NOW) -> None:
        with self.database.begin() as session:
            tokens.revoke(session, name, now)

    def sell(self, order_id: str, body: dict[str, Any], now: datetime = NOW) -> None:
        """Put an order; `body` as `order_body` makes it."""
        order = OrderPut.model_validate(body)
        self.database.run(lambda s: orders.put_order(s, "demo", order_id, order, now))

    def apply(self, body: dict[str, Any], now: datetime = NOW) -> Case:
        request = CaseRequest.model_validate(body)
        return self.database.run(
            lambda s: opening.open_case(s, request, self.storefront, self.policy, now)
        )

    def approve(
        self, case_id: UUID, actor: Actor | None = None, now: datetime = NOW, **fields: Any
    ) -> Case:
        word = Approve(**fields)
        who = actor or self.lead
        return self.database.run(
            lambda s: decisions.decide(s, case_id, word, who, self.policy, now)
        )

    def reject(
        self, case_id: UUID, actor: Actor | None = None, now: datetime = NOW, **fields: Any
    ) -> Case:
        word = Reject(**{"reason": "other", "note": "", **fields})
        who = actor or self.lead
        return self.database.run(
            lambda s: decisions.decide(s, case_id, word, who, self.policy, now)
        )

    def cancel(self, case_id: UUID, now: datetime = NOW) -> Case:
        return self.database.run(lambda s: cases.cancel(s, case_id, Cancel(), self.storefront, now))

    def resume(
        self, case_id: UUID, actor: Actor | None = None, now: datetime = NOW, **fields: Any
    ) -> Case:
        order = Resume.model_validate({"note": "", **fields})
        who = actor or self.operator
        return self.database.run(lambda s: resumes.resume(s, case_id, order, who, self.policy, now))

    def next_payout_step(
        self, case_id: UUID, now: datetime = NOW, charges: dict[str, Reading] | None = None
    ) -> Call | Standing:
        """The next step of the case's payouts, with what it asks for read, charges and an order's
        transfers: as told by `charges`, by name, else of plenty and of none.
        """
        readings: dict[str, Reading] = {}
        while True:
            step = self.database.run(
                lambda s: payouts.begin(s, case_id, self.policy, now, readings)
            )
            if not isinstance(step, ReadCharge | ReadTransfers):
                return step
            told = (charges or {}).get(step.name)
            readings[step.name] = told or (
                self._charge(step.name, case_id) if isinstance(step, ReadCharge) else Transfers()
            )

    def _charge(self, payment: str, case_id: UUID) -> Reading:
        """A charge in the case's currency: tests name `ch_1` in several."""
        currency = self.read(case_id).currency
        if currency == "GBP":
            return charge_of(payment)
        name = f"{payment.partition('_')[2]}.{currency}"
        return charge_of(payment, charge=f"ch_{name}", intent=f"pi_{name}", currency=currency)

    def read(self, case_id: UUID) -> Case:
        with self.database.begin() as session:
            return session.get_one(Case, case_id)

    def session(self) -> Session:
        """A session for a test's own look at the tables."""
        return Session(self.database.engine)
