"""What does each party do when it is asked? Charges and refunds of payments, transfers of the bank.

Nothing here waits or writes: every function returns the entry that its caller puts into the book.
"""

import time

from sandbox.book import Book, Row
from sandbox.faults import TURN_SECONDS, Fault, Kind
from sandbox.forms import Params, currency_of, money, required
from sandbox.shapes import (
    Refused,
    captured_of,
    charge_object,
    event_object,
    intent_of,
    missing,
    new_id,
    refund_object,
    transfer_object,
)

Executed = tuple[Row, Row]  # the entry for the book, the object for the answer

# (status now, status after the turn)
TURNS = {
    Kind.PENDING_THEN_SUCCEEDED: ("pending", "succeeded"),
    Kind.PENDING_THEN_FAILED: ("pending", "failed"),
    Kind.SUCCEEDED_THEN_REVERSED: ("succeeded", "failed"),
}

DISPUTES_ENDED_WELL = ("won", "warning_closed")


def charge(book: Book, params: Params, key: str | None, fault: Fault | None) -> Executed:
    """Stands outside the faults, which are for money moving out."""
    currency = currency_of(params)
    row = {
        "id": new_id("ch"),
        "amount": money(params, "amount", currency),
        "currency": currency,
        "metadata": params.get("metadata", {}),
        "created": int(time.time()),
    }
    if params.get("capture") == "false":
        row["captured"] = 0
    source = required(params, "source")
    if source.startswith("tok_chargeDeclined"):
        raise Refused(
            402, "Your card was declined.", kind="card_error", code="card_declined", saved=True
        )
    return {"charge": row}, charge_object(row, refunded=0)


def capture(book: Book, charge_id: str, params: Params) -> Row:
    """Take the money of a charge that was made without: all of it, or `amount`. The entry."""
    row = book.charges.get(charge_id)
    if row is None:
        raise missing("charge", charge_id, "id")
    if captured_of(row):
        raise Refused(
            400, f"Charge {charge_id} has already been captured.", code="charge_already_captured"
        )
    amount = money(params, "amount", row["currency"]) if "amount" in params else row["amount"]
    if amount > row["amount"]:
        raise Refused(400, "Amount is too large", code="amount_too_large", param="amount")
    return {"charge": row | {"captured": amount}}


def charge_of(book: Book, params: Params) -> Row:
    """The charge that a refund or a list of refunds names, by itself or by its intent."""
    if intent := params.get("payment_intent"):
        found = book.charges.get("ch_" + intent.removeprefix("pi_"))
        if not found or intent_of(found["id"]) != intent:
            raise missing("payment_intent", intent, "payment_intent")
        return found
    named = required(params, "charge")
    if named not in book.charges:
        raise missing("charge", named, "charge")
    return book.charges[named]


def refund(book: Book, params: Params, key: str | None, fault: Fault | None) -> Executed:
    of = charge_of(book, params)
    left = captured_of(of) - book.refunded(of["id"])
    amount = money(params, "amount", of["currency"]) if "amount" in params else left
    if (fault and fault.fault is Kind.DECLINE) or held_back(book, of["id"]):
        raise Refused(
            400,
            f"Charge {of['id']} has been charged back; cannot issue a refund.",
            code="charge_disputed",
            saved=True,
        )
    if left == 0:
        raise Refused(
            400,
            f"Charge {of['id']} has already been refunded.",
            code="charge_already_refunded",
            saved=True,
        )
    if amount > left:
        # Stripe gives this refusal no code.
        raise Refused(
            400,
            f"Refund amount ({amount}) is greater than unrefunded amount on charge ({left})",
            param="amount",
            saved=True,
        )
    row = _row("re", amount, of["currency"], params, key, fault) | {"charge": of["id"]}
    shape, at = refund_object(row), row["created"]
    events = [
        event_object("refund.created", shape, at, key),
        event_object(
            "charge.refunded", charge_object(of, captured_of(of) - left + amount), at, key
        ),
    ]
    return {"refund": row, "events": events}, shape


def held_back(book: Book, charge_id: str) -> bool:
    """True while a dispute is open or was lost: the money is with the buyer's bank."""
    statuses = [book.disputes[each]["status"] for each in book.disputes_of[charge_id]]
    return any(status not in DISPUTES_ENDED_WELL for status in statuses)


def transfer(book: Book, params: Params, key: str | None, fault: Fault | None) -> Executed:
    required(params, "destination")  # needed to pay, but not kept: the book holds no accounts
    currency = currency_of(params)
    amount = money(params, "amount", currency)
    if fault and fault.fault is Kind.DECLINE:
        raise Refused(400, "The recipient's account is closed.", code="account_closed", saved=True)
    row = _row("tr", amount, currency, params, key, fault)
    return {"transfer": row}, transfer_object(row)


def refund_turned(row: Row) -> Row:
    turned = _turned(row)
    shape, at = refund_object(turned), int(time.time())
    kinds = ["refund.updated", *(["refund.failed"] if turned["status"] == "failed" else [])]
    return {"refund": turned, "events": [event_object(each, shape, at, None) for each in kinds]}


def transfer_turned(row: Row) -> Row:
    return {"transfer": _turned(row)}


def _turned(row: Row) -> Row:
    return row | {"status": row["then"]["status"], "then": None}


def _row(
    prefix: str, amount: int, currency: str, params: Params, key: str | None, fault: Fault | None
) -> Row:
    now = time.time()
    status, then = "succeeded", None
    if fault and fault.fault in TURNS:
        status, later = TURNS[fault.fault]
        seconds = TURN_SECONDS if fault.seconds is None else fault.seconds
        then = {"status": later, "at": now + seconds}
    return {
        "id": new_id(prefix),
        "amount": amount,
        "currency": currency,
        "status": status,
        "key": key,
        "metadata": params.get("metadata", {}),
        "created": int(now),
        "then": then,
    }
