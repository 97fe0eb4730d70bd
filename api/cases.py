"""How is a case opened, previewed and read over HTTP?"""

from fastapi import APIRouter, Response
from sqlalchemy.orm import Session

from api.answers import (
    CaseAnswer,
    EventList,
    PreviewAnswer,
    case_answer,
    event_answer,
    preview_answer,
)
from api.auth import ByAnyone, ByStorefront
from api.context import InContext, now
from api.ids import CaseId, case_named
from api.judgement import Document, IdempotencyKey, Route
from api.problems import refusals
from domain.messages import CaseRequest
from domain.refusals import Why
from store.case_records import events_of, find, record_of
from store.cases import open_case, preview
from store.idempotency import Kept, earlier_answer, keep

router = APIRouter(route_class=Route, tags=["cases"])

OPENING = "POST /v1/cases"

QUOTE_REFUSALS = (
    Why.CARD_NUMBER,
    Why.TOO_LARGE,
    Why.ORDER_NOT_FOUND,
    Why.LINE_REPEATED,
    Why.UNKNOWN_LINE,
    Why.UNITS_NOT_AVAILABLE,
    Why.NOT_ELIGIBLE,
    Why.AMOUNT_TOO_HIGH,
    Why.NOTHING_TO_REFUND,
    Why.SHIPPING_NOT_REFUNDABLE,
    Why.PAYOUT_NOT_POSSIBLE,
)


@router.post(
    "/v1/cases",
    status_code=201,
    response_model=CaseAnswer,
    responses=refusals(Why.KEY_REQUIRED, Why.KEY_REUSED, Why.KEY_IN_USE, *QUOTE_REFUSALS),
)
def open_(
    request: CaseRequest,
    document: Document,
    key: IdempotencyKey,
    caller: ByStorefront,
    context: InContext,
) -> Response:
    """Open a case. The same key and body again is answered as it first was."""
    storefront = caller.storefront or ""

    def work(session: Session) -> tuple[Kept, bool]:
        earlier = earlier_answer(session, storefront, OPENING, key, document)
        if earlier:
            return earlier, True
        at = now()
        case = open_case(session, request, caller, context.policy, at)
        answer = case_answer(record_of(session, case), caller, context.settings, at)
        kept = Kept(201, f"/v1/cases/{case.case_id}", answer.model_dump_json(by_alias=True))
        keep(session, storefront, OPENING, key, document, kept, case.case_id)
        return kept, False

    kept, replayed = context.database.run(work)
    headers = {"Location": kept.location}
    if replayed:
        headers["Idempotency-Replayed"] = "true"
    return Response(kept.answer, kept.status, headers, "application/json")


@router.post("/v1/previews", responses=refusals(*QUOTE_REFUSALS))
def preview_(request: CaseRequest, caller: ByStorefront, context: InContext) -> PreviewAnswer:
    """What opening this case would give, or why it would be refused. Nothing is written."""
    with context.database.snapshot() as session:
        return preview_answer(
            preview(session, request, caller.storefront or "", context.policy, now())
        )


@router.get("/v1/cases/{case_id}", responses=refusals(Why.CASE_NOT_FOUND))
def read(case_id: CaseId, caller: ByAnyone, context: InContext) -> CaseAnswer:
    """The case as it stands."""
    with context.database.snapshot() as session:
        record = record_of(session, find(session, case_named(case_id), caller.storefront))
        return case_answer(record, caller, context.settings, now())


@router.get("/v1/cases/{case_id}/events", responses=refusals(Why.CASE_NOT_FOUND))
def read_events(case_id: CaseId, caller: ByAnyone, context: InContext) -> EventList:
    """Everything that happened to the case, oldest first."""
    with context.database.snapshot() as session:
        events = events_of(session, find(session, case_named(case_id), caller.storefront))
        return EventList(items=[event_answer(event, caller) for event in events])
