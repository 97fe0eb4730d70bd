"""How does a gateway report of itself? Stripe's webhooks, believed if their bytes are signed.

A report moves no money: it is stored, and the case's workflow asks the gateway.
"""

import re
from collections.abc import Mapping
from typing import Annotated, Any
from uuid import UUID

import stripe
from fastapi import APIRouter, Depends, Path, Request
from pydantic import BaseModel

from api.bodies import parse
from api.context import Context, InContext, now
from api.judgement import Route
from api.problems import documented, invalid
from domain.messages import OutsideId
from domain.refusals import Refusal, Why
from gateways import carriers
from store.goods import bills, tracking
from store.goods.bills import BillReport
from store.inbox import Report, receive

router = APIRouter(route_class=Route, prefix="/v1/hooks", tags=["hooks"])

TOLERANCE_SECONDS = 300
WORD = re.compile(r"[!-~]{1,255}")
REFUNDS = frozenset({"refund.created", "refund.updated", "refund.failed"})
CHARGES = frozenset({"charge.refunded"})
CHECKOUTS = frozenset({"checkout.session.completed", "checkout.session.expired"})


class Received(BaseModel):
    received: bool = True


async def _raw(request: Request) -> bytes:
    return await request.body()


async def _signed(
    request: Request, body: Annotated[bytes, Depends(_raw)], context: InContext
) -> dict[str, Any]:
    """The event, if the gateway signed it not long ago. Raises Refusal(signature-invalid)."""
    header = request.headers.get("stripe-signature", "")
    secret = context.settings.stripe_webhook_secret.get_secret_value()
    try:
        if not header.isascii():
            raise Refusal(Why.SIGNATURE_INVALID)
        stripe.WebhookSignature.verify_header(body.decode(), header, secret, TOLERANCE_SECONDS)
    except (stripe.SignatureVerificationError, UnicodeError):
        raise Refusal(Why.SIGNATURE_INVALID) from None
    return parse(body)


SIGNED = {
    "parameters": [
        {
            "name": "Stripe-Signature",
            "in": "header",
            "required": True,
            "schema": {"type": "string"},
            "description": "`t=<seconds>,v1=<HMAC of the raw body>`, not older than 5 minutes.",
        }
    ],
    "requestBody": {
        "required": True,
        "content": {"application/json": {"schema": {"type": "object"}}},
    },
}


@router.post(
    "/payments/stripe",
    openapi_extra=SIGNED,
    responses=documented(
        Why.SIGNATURE_INVALID, Why.INVALID, Why.TOO_LARGE, Why.UNAVAILABLE, Why.INTERNAL
    ),
)
def take_stripe_event(
    event: Annotated[dict[str, Any], Depends(_signed)], context: InContext
) -> Received:
    """Store a report and wake the case's workflow. Of other types, and again: 200, ignored."""
    report = _report(event)
    if isinstance(report, BillReport):
        _look_at_bill(report, context)
    elif report is not None:
        _store(report, context)
    return Received()


CARRIER_SIGNED = {
    "parameters": [
        {
            "name": "Carrier-Signature",
            "in": "header",
            "required": True,
            "schema": {"type": "string"},
            "description": "`t=<seconds>,v1=<HMAC of the raw body>`, not older than 5 minutes.",
        }
    ],
    "requestBody": {
        "required": True,
        "content": {"application/json": {"schema": {"type": "object"}}},
    },
}


@router.post(
    "/carriers/{carrier}",
    openapi_extra=CARRIER_SIGNED,
    responses=documented(
        Why.SIGNATURE_INVALID, Why.INVALID, Why.TOO_LARGE, Why.UNAVAILABLE, Why.INTERNAL
    ),
)
def take_carrier_event(
    carrier: Annotated[OutsideId, Path(examples=["sandbox"])],
    request: Request,
    body: Annotated[bytes, Depends(_raw)],
    context: InContext,
) -> Received:
    """Store a carrier's report of a parcel and move its case on. Again: 200, ignored."""
    at = now()
    secret = context.settings.carrier_webhook_secret.get_secret_value()
    signature = request.headers.get("carrier-signature")
    try:
        found = carriers.reports(body, signature, secret, at)
    except carriers.Unsigned:
        raise Refusal(Why.SIGNATURE_INVALID) from None
    except ValueError:
        raise invalid([("", "not an event of a parcel")]) from None
    for event in found:
        _track(
            tracking.Report(carrier, event.event_id, event.tracking_number, event.status, event.at),
            context,
        )
    return Received()


def _track(report: tracking.Report, context: Context) -> None:
    context.database.run(lambda session: tracking.receive(session, report, context.policy, now()))


def _store(report: Report, context: Context) -> None:
    context.database.run(lambda session: receive(session, report, now()))


def _look_at_bill(report: BillReport, context: Context) -> None:
    context.database.run(lambda session: bills.report(session, report, now()))


def _report(event: Mapping[str, Any]) -> Report | BillReport | None:
    """What an event says of one refund, charge or bill; None if it is of a type we do not listen
    to, or of something that is not ours.

    Raises Refusal(invalid) if it has no id or type. Anything else may be missing or strange: the
    gateway is asked in any case.
    """
    event_id, kind = _word(event, "id"), _word(event, "type")
    if event_id is None or kind is None:
        raise invalid([("id", "an event has an id and a type")])
    about = _object(_object(event, "data"), "object")
    if kind in REFUNDS:
        return Report(
            provider="stripe",
            event_id=event_id,
            type=kind,
            status=_word(about, "status") or "",
            payout_id=_uuid(_word(_object(about, "metadata"), "payout_id")),
            payments=_words(about, "charge", "payment_intent"),
        )
    if kind in CHARGES:
        return Report(
            "stripe", event_id, kind, status="", payments=_words(about, "id", "payment_intent")
        )
    if kind in CHECKOUTS and (case_id := _uuid(_word(_object(about, "metadata"), "case_id"))):
        return BillReport("stripe", event_id, kind, case_id)
    return None


def _object(holder: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = holder.get(name)
    return value if isinstance(value, dict) else {}


def _word(holder: Mapping[str, Any], name: str) -> str | None:
    value = holder.get(name)
    return value if isinstance(value, str) and WORD.fullmatch(value) else None


def _words(holder: Mapping[str, Any], *names: str) -> tuple[str, ...]:
    return tuple(word for name in names if (word := _word(holder, name)))


def _uuid(text: str | None) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError:
        return None
