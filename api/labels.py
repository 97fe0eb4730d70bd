"""How is a case's label fetched, to be stuck on the parcel that the buyer sends in?"""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Response
from pydantic import BeforeValidator

from api.auth import ByAnyone
from api.context import InContext
from api.ids import CaseId, case_named
from api.judgement import Route
from api.problems import refusals
from domain.cases import Kind, Stage
from domain.labels import label_lines, parcel_is_to_come
from domain.refusals import Refusal, Why
from labels.rma import label
from store import case_records

router = APIRouter(route_class=Route, tags=["cases"])

Dpi = Annotated[
    Literal[203, 300],
    BeforeValidator(lambda text: int(text) if text in ("203", "300") else text),
    Query(description="Dots an inch of the printer, for which every bar is drawn."),
]

PNG: dict[int | str, Any] = {
    200: {"content": {"image/png": {"schema": {"type": "string", "format": "binary"}}}}
}


@router.get(
    "/v1/cases/{case_id}/label",
    response_class=Response,
    responses={**PNG, **refusals(Why.CASE_NOT_FOUND, Why.NO_LABEL)},
)
def read_label(case_id: CaseId, caller: ByAnyone, context: InContext, dpi: Dpi = 203) -> Response:
    """The label, six by four inches: the RMA number as QR code, as Code 128 and to read."""
    with context.database.snapshot() as session:
        case = case_records.find(session, case_named(case_id), caller.storefront)
        if not parcel_is_to_come(Kind(case.kind), Stage(case.stage)):
            raise Refusal(Why.NO_LABEL)
        rma = str(case.case_id)
        lines = label_lines(case.order_id, case.storefront, context.policy.warehouse)
    return Response(label(rma, lines, dpi), media_type="image/png")
