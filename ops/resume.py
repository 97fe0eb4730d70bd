"""Tells a parked case what to do, as an operator who calls the API."""

import secrets
from datetime import UTC, datetime
from urllib.parse import quote
from uuid import UUID

from domain.people import Role
from ops.caller import Caller, Json
from ops.failures import Failed
from ops.target import Target
from runtime.data_folder import write_private
from runtime.settings import settings
from store import tokens
from store.session import Database, new_id

PATIENCE = 10.0  # seconds
TOKEN_FILE = "operator.token"  # noqa: S105 - its name


def resume(
    target: Target,
    case: str,
    action: str,
    *,
    note: str,
    reference: str | None,
    payout_to: Json | None,
) -> None:
    """Carry out the action and print where the case then stands. Raises Failed."""
    caller = Caller(target.api, _token(target), patience=PATIENCE)
    order: Json = {"resume_id": str(new_id()), "action": action, "note": note}
    order |= {"reference": reference} if reference is not None else {}
    order |= {"payout_to": payout_to} if payout_to else {}
    _told(caller.post(f"/v1/cases/{_case_id(case)}/resume", order))


def resolve(
    target: Target, case: str, effect: str, action: str, *, note: str, reference: str | None
) -> None:
    """State what an outside party's books show of an effect in doubt. Raises Failed."""
    caller = Caller(target.api, _token(target), patience=PATIENCE)
    statement: Json = {"action": action, "note": note}
    statement |= {"reference": reference} if reference is not None else {}
    _told(caller.post(f"/v1/cases/{_case_id(case)}/effects/{_case_id(effect)}/resolve", statement))


def lose(target: Target, case: str, *, note: str) -> None:
    """Take the case's parcel for lost and print where the case then stands. Raises Failed."""
    caller = Caller(target.api, _token(target), patience=PATIENCE)
    _told(caller.post(f"/v1/cases/{_case_id(case)}/lost", {"note": note}))


def assign(target: Target, charge: str, storefront: str, *, note: str) -> None:
    """Ask for a charge to be a storefront's, or confirm it; print whose it is. Raises Failed."""
    caller = Caller(target.api, _token(target), patience=PATIENCE)
    wanted: Json = {"storefront": storefront, "note": note}
    answer = caller.post(f"/v1/charges/{quote(charge, safe='')}/assign", wanted)
    given = answer["assigned"] and answer["owner"] == storefront
    waits = "" if given else ", until somebody of the other role confirms"
    print(f"{answer['charge']} belongs to {answer['owner']}{waits}")


def _told(answer: Json) -> None:
    waiting = f", waits for the {answer['waiting_for']}" if answer["waiting_for"] else ""
    print(f"{answer['case_id']} is {answer['stage']}{waiting}")


def payout_to(to: str | None, card_token: str | None, last4: str | None) -> Json | None:
    """Where a reroute sends the money. Raises Failed where the options do not go together."""
    if (to == "bank_card") != (card_token is not None and last4 is not None):
        raise Failed("--card-token and --last4 go with --to bank_card, and with nothing else")
    if to is None:
        return None
    return {"kind": to, "token": card_token, "last4": last4} if card_token else {"kind": to}


def _case_id(text: str) -> UUID:
    try:
        return UUID(text.rpartition("/")[2])  # also as Temporal names it, refund/<case_id>
    except ValueError:
        raise Failed(f"{text} is no case id") from None


def _token(target: Target) -> str:
    """AFTERSALES_TOKEN, else the one of this machine's own operator, kept beside the platform.

    Whoever reads that folder has the database's password anyway.
    """
    told = settings().token
    if told:
        return told.get_secret_value()
    if target.folder is None:
        raise Failed("set AFTERSALES_TOKEN to an operator's or a lead's token")
    kept = target.folder / TOKEN_FILE
    if kept.exists():
        return kept.read_text().strip()
    database = Database(target.database, pool=1)
    try:
        with database.begin() as session:
            now = datetime.now(UTC)
            name = f"cli-operator-{now:%Y%m%d}-{secrets.token_hex(3)}"
            secret = tokens.issue(session, name, Role.OPERATOR)
            write_private(kept, secret)
    finally:
        database.close()
    return secret
