"""Fills an empty platform with sales, cases and words to try it on, once, and says what first."""

import json
import secrets
import sys
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import requests
from rich.console import Console
from sqlalchemy import exists, select

from domain.orders import OrderPut
from domain.people import Role
from gateways.payments import Charges
from ops import demo_words
from ops.caller import Caller, Refused
from ops.demo_goods import DECLINED, LAST, STOREFRONT, STORIES, Json, Story, orders
from ops.failures import Failed
from runtime.data_folder import read_json, write_private
from runtime.settings import settings
from store import tokens
from store.bulk_orders import put_orders
from store.session import Database
from store.tables import Case

PATIENCE = 20.0  # seconds that the platform may be away meanwhile
AT_ONCE = 8

COMMAND = Path(sys.executable).with_name("aftersales")
"""What a person can type whether or not it is on their PATH."""

LIMITS = {"GBP": 250_000, "EUR": 250_000, "USD": 250_000, "JPY": 250_000, "KWD": 2_500_000}
"""The most the auditor may approve, in minor units."""


def load(endpoints: Mapping[str, Any], folder: Path, console: Console) -> None:
    """Load what is not there yet, then print the tokens and where to begin. Raises Failed."""
    base = settings().stripe_api_base
    if base and base != endpoints["sandbox"]:
        _say(console, "no demo data: the gateway is not the sandbox, and its money is real")
        return
    database = Database(endpoints["database"], pool=2)
    try:
        secrets_of = _tokens(database, folder / "tokens.json")
        callers = {
            role: Caller(endpoints["api"], secret, patience=PATIENCE)
            for role, secret in secrets_of.items()
        }
        if not _loaded(database):
            _sell(database, endpoints["sandbox"])
            demo_words.say(callers)
            _file(callers, endpoints["sandbox"])
    finally:
        database.close()
    _introduce(console, endpoints, secrets_of, callers)
    _say(console, f"What waits for an operator: {COMMAND} stuck --data {folder}")


def _tokens(database: Database, path: Path) -> dict[str, str]:
    """A token for each role, the same ones at every start."""
    kept: dict[str, str] = read_json(path)
    if kept:
        return kept
    mark = secrets.token_hex(3)  # names are unique for good, and an earlier file may be lost
    with database.begin() as session:
        made = {
            role.value: tokens.issue(
                session,
                f"{STOREFRONT}-{role}-{mark}",
                role,
                storefront=STOREFRONT if role is Role.STOREFRONT else None,
                limits=LIMITS if role is Role.AUDITOR else None,
            )
            for role in Role
        }
    write_private(path, json.dumps(made, indent=2))
    return made


def _loaded(database: Database) -> bool:
    last = exists().where(Case.storefront == STOREFRONT, Case.order_id == LAST)
    with database.begin() as session:
        return bool(session.scalar(select(last)))


def _sell(database: Database, sandbox: str) -> None:
    """Put the orders, each with its payments charged once, however often this is begun."""
    now = datetime.now(UTC)
    sales = dict(orders(now))
    gateway = Charges(sandbox, settings().stripe_api_key.get_secret_value())
    unpaid = [
        (order_id, body["currency"], payment)
        for order_id, body in sales.items()
        for payment in body["payments"]
        if payment["payment"] is None
    ]
    with ThreadPoolExecutor(AT_ONCE) as threads:
        for _ in threads.map(lambda due: _charge(gateway, *due), unpaid):
            pass
    bodies = {order_id: OrderPut.model_validate(body) for order_id, body in sales.items()}
    with database.begin() as session:
        put_orders(session, STOREFRONT, bodies, now)


def _charge(gateway: Charges, order_id: str, currency: str, payment: Json) -> None:
    amount = payment["captured"]
    key = f"demo-{order_id}-{payment['method']}-{amount}-{currency}"
    said = gateway.make(key, order_id=order_id, amount=amount, currency=currency)
    if said.reference is None:
        raise Failed(f"order {order_id} could not be charged: {said.code}")
    payment["payment"] = said.reference


def _file(callers: Mapping[str, Caller], sandbox: str) -> None:
    """File every story and carry it as far as it has come."""
    fault = {"party": "payments", "fault": "decline", "times": 1, "match": {"order_id": DECLINED}}
    requests.post(f"{sandbox}/_sandbox/faults", json=fault, timeout=5).raise_for_status()
    for story in STORIES:
        _tell(story, callers)


def _tell(story: Story, callers: Mapping[str, Caller]) -> None:
    request = {
        "kind": "refund",
        "order_id": story.order_id,
        "lines": [{"line": 1, "quantity": story.quantity}],
        "reason": story.reason,
        "note": story.note,
        **story.fields,
    }
    case = callers["storefront"].post("/v1/cases", request, key=f"demo-case-{story.order_id}")
    path = f"/v1/cases/{case['case_id']}"
    try:
        for role in story.approvers:
            callers[role].post(f"{path}/approve", {})
        if story.then == "reject":
            callers["auditor"].post(f"{path}/reject", {"reason": "not_eligible", "note": ""})
        if story.then == "cancel":
            callers["storefront"].post(f"{path}/cancel", {})
    except Refused as refused:
        # What an earlier start had decided before it was interrupted stands.
        if refused.slug not in ("already-decided", "four-eyes", "case-closed"):
            raise


def _introduce(
    console: Console,
    endpoints: Mapping[str, Any],
    secrets_of: Mapping[str, str],
    callers: Mapping[str, Caller],
) -> None:
    _say(console, f"\nA shop named {STOREFRONT}, with a token for each role:")
    for role, secret in secrets_of.items():
        _say(console, f"  {role:<12}{secret}")
    waiting = callers["auditor"].get(
        "/v1/cases", storefront=STOREFRONT, stage="awaiting_audit", limit=1
    )["items"]
    if waiting:
        case = waiting[0]
        _say(console, f"Approve a waiting case ({case['reason']}, order {case['order_id']}):")
        _say(
            console,
            f"  curl -X POST {endpoints['api']}/v1/cases/{case['case_id']}/approve"
            f" -H 'Authorization: Bearer {secrets_of['auditor']}'"
            " -H 'Content-Type: application/json' -d '{}'",
        )
        _say(console, f"and watch it go its way:\n  {case['workflow_url']}")


def _say(console: Console, line: str) -> None:
    console.print(line, soft_wrap=True, highlight=False, markup=False)
