"""Who acts in a replay? A storefront, two leads and a warehouse, each with a token of its own."""

import hashlib
import re
import secrets
import threading
from dataclasses import dataclass
from datetime import UTC, datetime

from domain.cases import AUDITS, Kind
from domain.people import Role
from ops.caller import Caller, Json, Refused
from ops.dock import Dock
from ops.failures import Failed
from ops.order_files import Claimed
from ops.target import Target
from store import tokens
from store.session import Database

PATIENCE = 60.0  # seconds that the platform may be away in the middle of a replay
ROLES = {
    "shop": Role.STOREFRONT,
    "lead-1": Role.LEAD,
    "lead-2": Role.LEAD,
    "warehouse": Role.WAREHOUSE,
}
DECIDED = ("already-decided", "case-closed")


@dataclass(frozen=True)
class Lead:
    name: str
    caller: Caller


@dataclass(frozen=True)
class Crew:
    """A storefront that files, two leads that decide, and a dock where returned goods come in."""

    storefront: str
    kind: Kind
    shop: Caller
    leads: tuple[Lead, Lead]
    dock: Dock | None

    def handle(self, claimed: Claimed) -> str:
        """File the case, have it approved, and its goods brought back; its id. Repeating it
        changes nothing, in this run or a later one. Raises Refused where the platform refuses.
        """
        request = _request(claimed, self.kind)
        case = self.shop.post("/v1/cases", request, key=self._key(claimed))
        for lead in self.leads:
            if case["stage"] not in AUDITS:
                break
            try:
                case = self._approve(lead, case["case_id"], claimed)
            except Refused as refused:
                if refused.slug not in DECIDED:
                    raise
                break  # by an earlier run, whose answer to the filing this was
        if self.dock:
            self.dock.bring_back(case["case_id"], claimed, self._key(claimed, "inspection"))
        return str(case["case_id"])

    def _approve(self, lead: Lead, case_id: str, claimed: Claimed) -> Json:
        word = {"decision_id": self._key(claimed, lead.name)}
        return lead.caller.post(f"/v1/cases/{case_id}/approve", word)

    def _key(self, claimed: Claimed, *more: str) -> str:
        named = "\n".join((self.storefront, claimed.return_id, claimed.order_id, *more))
        return f"replay-{hashlib.sha256(named.encode()).hexdigest()[:40]}"


ADDRESS = {
    "name": "A buyer",
    "phone": "+441632960000",
    "lines": ["1 High Street"],
    "city": "Leeds",
    "postal_code": "LS1 1AA",
    "country": "GB",
}
"""The file names no buyers, so all goods are picked up at one door."""


def _request(claimed: Claimed, kind: Kind) -> Json:
    lines = [{"line": line, "quantity": units} for line, units in sorted(claimed.lines.items())]
    request = {"kind": kind, "order_id": claimed.order_id, "lines": lines, "reason": "other"}
    return request if kind is Kind.REFUND else {**request, "address": ADDRESS}


def hire(
    database: Database, target: Target, storefront: str, kind: Kind, stop: threading.Event
) -> Crew:
    """New tokens for a run. Those of an earlier run stay: what they approved is still being paid,
    and an approval under a revoked token would no longer count.
    """
    run = secrets.token_hex(3)
    names = [f"replay-{storefront}-{run}-{who}" for who in ROLES]
    with database.begin() as session:
        secrets_of = [
            tokens.issue(
                session, name, role, storefront=storefront if role is Role.STOREFRONT else None
            )
            for name, role in zip(names, ROLES.values(), strict=True)
        ]

    def caller(secret: str) -> Caller:
        return Caller(target.api, secret, patience=PATIENCE, stop=stop)

    shop, first, second, warehouse = (caller(secret) for secret in secrets_of)
    dock = None
    if kind is Kind.RETURN:
        if target.sandbox is None or target.carrier != target.sandbox:
            raise Failed("returns are replayed only where the sandbox is the carrier")
        dock = Dock(warehouse, shop, target.sandbox, stop)
    return Crew(storefront, kind, shop, (Lead(names[1], first), Lead(names[2], second)), dock)


def dismiss(database: Database, storefront: str) -> None:
    """Revoke the tokens of every replay of this storefront: all they approved is paid."""
    ours = re.compile(rf"replay-{re.escape(storefront)}-[0-9a-f]{{6}}-(shop|lead-[12]|warehouse)")
    now = datetime.now(UTC)
    with database.begin() as session:
        for token, _ in tokens.everyone(session):
            if ours.fullmatch(token.name):
                tokens.revoke(session, token.name, now)
