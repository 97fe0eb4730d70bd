"""Who acts in a replay? A storefront and two leads, each with a token of this run's own."""

import hashlib
import re
import secrets
import threading
from dataclasses import dataclass
from datetime import UTC, datetime

from domain.cases import AUDITS
from domain.people import Role
from ops.caller import Caller, Json, Refused
from ops.order_files import Claimed
from ops.target import Target
from store import tokens
from store.session import Database

PATIENCE = 60.0  # seconds that the platform may be away in the middle of a replay
DECIDED = ("already-decided", "case-closed")


@dataclass(frozen=True)
class Lead:
    name: str
    caller: Caller


@dataclass(frozen=True)
class Crew:
    """A storefront that files and two leads that decide."""

    storefront: str
    shop: Caller
    leads: tuple[Lead, Lead]

    def handle(self, claimed: Claimed) -> str:
        """File the case and have it approved; its id. Repeating it changes nothing, in this run
        or a later one. Raises Refused where the platform refuses.
        """
        case = self.shop.post("/v1/cases", _request(claimed), key=self._key(claimed))
        for lead in self.leads:
            if case["stage"] not in AUDITS:
                break
            try:
                case = self._approve(lead, case["case_id"], claimed)
            except Refused as refused:
                if refused.slug not in DECIDED:
                    raise
                break  # by an earlier run, whose answer to the filing this was
        return str(case["case_id"])

    def _approve(self, lead: Lead, case_id: str, claimed: Claimed) -> Json:
        word = {"decision_id": self._key(claimed, lead.name)}
        return lead.caller.post(f"/v1/cases/{case_id}/approve", word)

    def _key(self, claimed: Claimed, *more: str) -> str:
        named = "\n".join((self.storefront, claimed.return_id, claimed.order_id, *more))
        return f"replay-{hashlib.sha256(named.encode()).hexdigest()[:40]}"


def _request(claimed: Claimed) -> Json:
    lines = [{"line": line, "quantity": units} for line, units in sorted(claimed.lines.items())]
    return {"kind": "refund", "order_id": claimed.order_id, "lines": lines, "reason": "other"}


def hire(database: Database, target: Target, storefront: str, stop: threading.Event) -> Crew:
    """New tokens for a run. Those of an earlier run stay: what they approved is still being paid,
    and an approval under a revoked token would no longer count.
    """
    run = secrets.token_hex(3)
    names = [f"replay-{storefront}-{run}-{who}" for who in ("shop", "lead-1", "lead-2")]
    with database.begin() as session:
        shop, first, second = (
            tokens.issue(session, names[0], Role.STOREFRONT, storefront=storefront),
            tokens.issue(session, names[1], Role.LEAD),
            tokens.issue(session, names[2], Role.LEAD),
        )

    def caller(secret: str) -> Caller:
        return Caller(target.api, secret, patience=PATIENCE, stop=stop)

    return Crew(
        storefront, caller(shop), (Lead(names[1], caller(first)), Lead(names[2], caller(second)))
    )


def dismiss(database: Database, storefront: str) -> None:
    """Revoke the tokens of every replay of this storefront: all they approved is paid."""
    ours = re.compile(rf"replay-{re.escape(storefront)}-[0-9a-f]{{6}}-(shop|lead-[12])")
    now = datetime.now(UTC)
    with database.begin() as session:
        for token, _ in tokens.everyone(session):
            if ours.fullmatch(token.name):
                tokens.revoke(session, token.name, now)
