"""How is a case opened, previewed and read over HTTP?"""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query, Response
from sqlalchemy.orm import Session

from api.advice_answers import advice_for
from api.answers import (
    CaseAnswer,
    CaseList,
    PreviewAnswer,
    case_answer,
    preview_answer,
)
from api.auth import ByAnyone, ByStorefront
from api.charge_answers import charges_for
from api.context import InContext, now
from api.event_answers import EventList, event_answer
from api.ids import CaseId, case_named
from api.judgement import Document, IdempotencyKey, Route
from api.once import KEY_REFUSALS, created_once
from api.paging import Cursor, Limit, cursor_after, cursor_of, position_of, seq_of
from api.problems import refusals
from api.scope import hidden
from domain.advice import Subject
from domain.cases import Attention, Kind, Stage, WaitingFor
from domain.effects import EffectDoubt
from domain.messages import CaseRequest, OutsideId
from domain.refusals import Refusal, Why
from domain.texts import STORABLE
from store import case_records, listing, opening
from store.advice import AS_OPENED
from store.idempotency import Kept

router = APIRouter(route_class=Route, tags=["cases"])

OPENING = "POST /v1/cases"

Beginning = Annotated[
    str,
    STORABLE,
    Query(min_length=1, max_length=64, description="Begins a case's, order's or customer's id."),
]

QUOTE_REFUSALS = (
    Why.CARD_NUMBER,
    Why.TOO_LARGE,
    Why.ORDER_NOT_FOUND,
    Why.LINE_REPEATED,
    Why.UNKNOWN_LINE,
    Why.UNITS_NOT_AVAILABLE,
    Why.NOT_ELIGIBLE,
    Why.AMOUNT_TOO_HIGH,
    Why.AMOUNT_NOT_EXPRESSIBLE,
    Why.NOTHING_TO_REFUND,
    Why.SHIPPING_NOT_REFUNDABLE,
    Why.PAYOUT_NOT_POSSIBLE,
    Why.UNKNOWN_UPLOAD,
)


@router.post(
    "/v1/cases",
    status_code=201,
    response_model=CaseAnswer,
    responses=refusals(*KEY_REFUSALS, *QUOTE_REFUSALS),
)
def open_case(
    request: CaseRequest,
    document: Document,
    key: IdempotencyKey,
    caller: ByStorefront,
    context: InContext,
) -> Response:
    """Open a case. The same key and body again is answered as it first was."""

    def create(session: Session, at: datetime) -> Kept:
        case = opening.open_case(session, request, caller, context.policy, at)
        answer = case_answer(case_records.record_of(session, case), caller, context.settings, at)
        location = f"/v1/cases/{case.case_id}"
        return Kept(201, location, answer.model_dump_json(by_alias=True), case.case_id)

    return created_once(context, caller.storefront or "", OPENING, key, document, create)


WhyParked = Annotated[
    Attention | EffectDoubt | None,
    Query(description="Cases that need a person for this; for staff alone."),
]


@router.get("/v1/cases", responses=refusals(Why.FORBIDDEN, Why.BAD_CURSOR))
def list_cases(
    caller: ByAnyone,
    context: InContext,
    stage: Stage | None = None,
    kind: Kind | None = None,
    order_id: OutsideId | None = None,
    customer_id: OutsideId | None = None,
    overdue: bool | None = None,
    waiting_for: WaitingFor | None = None,
    attention: WhyParked = None,
    storefront: OutsideId | None = None,
    q: Beginning | None = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> CaseList:
    """Cases, newest first: a storefront's own, or for staff those of every storefront."""
    if attention is not None and not caller.role.staff:
        raise Refusal(Why.FORBIDDEN, "attention is a filter for staff")
    after = position_of(cursor)
    if hidden(caller, storefront):
        return CaseList(items=[], next=None)
    filters = listing.Filters(
        storefront=caller.storefront or storefront,
        stage=stage,
        kind=kind,
        order_id=order_id,
        customer_id=customer_id,
        overdue=overdue,
        waiting_for=waiting_for,
        attention=attention,
        q=q,
    )
    with context.database.snapshot() as session:
        at = now()
        page, following = listing.list_cases(session, filters, after, limit, at)
        records = case_records.records_of(session, page)
    items = [case_answer(record, caller, context.settings, at) for record in records]
    return CaseList(items=items, next=cursor_of(following))


@router.post("/v1/previews", responses=refusals(*QUOTE_REFUSALS))
def preview_case(request: CaseRequest, caller: ByStorefront, context: InContext) -> PreviewAnswer:
    """What opening this case would give, or why it would be refused. Nothing is written."""
    with context.database.snapshot() as session:
        return preview_answer(
            opening.preview(session, request, caller.storefront or "", context.policy, now())
        )


@router.get("/v1/cases/{case_id}", responses=refusals(Why.CASE_NOT_FOUND))
def read_case(case_id: CaseId, caller: ByAnyone, context: InContext) -> CaseAnswer:
    """The case as it stands."""
    with context.database.snapshot() as session:
        case = case_records.find(session, case_named(case_id), caller.storefront)
        record = case_records.record_of(session, case)
        advice = advice_for(session, caller, Subject.CASE, case.case_id, AS_OPENED)
        charges = charges_for(session, caller, record)
        return case_answer(record, caller, context.settings, now(), advice, charges)


@router.get("/v1/cases/{case_id}/events", responses=refusals(Why.BAD_CURSOR, Why.CASE_NOT_FOUND))
def read_events(
    case_id: CaseId,
    caller: ByAnyone,
    context: InContext,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> EventList:
    """Everything that happened to the case, oldest first."""
    after = seq_of(cursor)
    with context.database.snapshot() as session:
        case = case_records.find(session, case_named(case_id), caller.storefront)
        events = case_records.events_of(session, case, after=after, limit=limit + 1)
        page = events[:limit]
        following = cursor_after(page[-1].seq) if len(events) > limit else None
        return EventList(items=[event_answer(event, caller) for event in page], next=following)
