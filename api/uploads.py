"""How does a photo come in, and who may look at it? The body is the image itself, no form."""

import asyncio
import hashlib
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Response
from pydantic import BaseModel
from sqlalchemy.orm import Session

from api.auth import ByAnyone, ByUploader
from api.bodies import Raw
from api.context import InContext
from api.ids import UploadId, upload_named
from api.images import Photo, redrawn
from api.instants import Instant
from api.judgement import IdempotencyKey, Route
from api.once import KEY_REFUSALS, answered, created_once
from api.problems import refusals
from api.scope import OfStorefront, storefront_for
from domain.refusals import Refusal, Why
from store import uploads
from store.idempotency import Kept, earlier_answer
from store.session import new_id
from store.tables import Upload

router = APIRouter(route_class=Route, prefix="/v1/uploads", tags=["uploads"])

UPLOADING = "POST /v1/uploads"
MOST_BYTES = 10_000_000
JPEG = "image/jpeg"

DECODERS = ThreadPoolExecutor(2, thread_name_prefix="decoder")
"""A photo may take 200 MB while it is drawn: others wait for that, and nobody waits for them."""

BINARY: dict[str, Any] = {"schema": {"type": "string", "format": "binary"}}
IMAGE = {
    "requestBody": {
        "required": True,
        "description": f"The image's bytes, {MOST_BYTES} at most.",
        "content": dict.fromkeys((JPEG, "image/png", "image/webp"), BINARY),
    }
}
SHOWN: dict[int | str, dict[str, Any]] = {
    200: {"content": {JPEG: BINARY}},
    304: {"description": "The caller has it already."},
}


class UploadAnswer(BaseModel):
    upload_id: str
    url: str
    content_type: str
    width: int
    height: int
    size: int
    created_at: Instant


Body = Annotated[bytes, Depends(Raw("image/*", most=MOST_BYTES))]


async def _drawn(body: Body) -> Photo:
    return await asyncio.get_running_loop().run_in_executor(DECODERS, redrawn, body)


@router.post(
    "",
    status_code=201,
    response_model=UploadAnswer,
    openapi_extra=IMAGE,
    responses=refusals(
        *KEY_REFUSALS,
        Why.TOO_LARGE,
        Why.NOT_AN_IMAGE,
        Why.IMAGE_TOO_BIG,
        Why.STOREFRONT_NOT_FOUND,
    ),
)
def upload_photo(
    body: Body,
    photo: Annotated[Photo, Depends(_drawn)],
    key: IdempotencyKey,
    caller: ByUploader,
    context: InContext,
    storefront: OfStorefront = None,
) -> Response:
    """Send in a photo, to be named by a case, an inspection or a review. It is decoded and kept
    as a JPEG of the same size, the right way up and without what the camera wrote beside it.
    """
    owner = storefront_for(caller, storefront)
    if owner is None:
        raise Refusal(Why.STOREFRONT_NOT_FOUND)
    document = hashlib.sha256(body).hexdigest()
    with context.database.begin() as session:
        if earlier := earlier_answer(session, owner, UPLOADING, key, document):
            return answered(earlier, replayed=True)
        uploads.check_storefront(session, owner)
    upload_id = new_id()
    # Kept before there is a row: bytes without a row harm nobody, a row without bytes would.
    context.photos.keep(upload_id, photo.content)
    begun = False

    def create(session: Session, at: datetime) -> Kept:
        nonlocal begun
        begun = True
        row = Upload(
            upload_id=upload_id,
            storefront=owner,
            uploaded_by=caller.name,
            width=photo.width,
            height=photo.height,
            size=len(photo.content),
            phash=photo.phash,
            created_at=at,
        )
        session.add(row)
        answer = _answer(row)
        return Kept(201, answer.url, answer.model_dump_json())

    try:
        return created_once(context, owner, UPLOADING, key, document, create)
    finally:
        if not begun:  # the same key came a second time meanwhile, and was faster
            context.photos.forget(upload_id)


@router.get(
    "/{upload_id}",
    response_class=Response,
    responses={**SHOWN, **refusals(Why.UPLOAD_NOT_FOUND)},
)
def read_upload(
    upload_id: UploadId,
    caller: ByAnyone,
    context: InContext,
    if_none_match: Annotated[str | None, Header()] = None,
) -> Response:
    """The photo. It never changes."""
    with context.database.snapshot() as session:
        row = uploads.find(session, upload_named(upload_id), caller.storefront)
    tag = f'"{row.upload_id}"'
    headers = {
        "ETag": tag,
        "Cache-Control": "private, max-age=86400, immutable",
        "Vary": "Authorization",
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "default-src 'none'; sandbox",
        "Content-Disposition": f'attachment; filename="{row.upload_id}.jpg"',
    }
    if if_none_match and tag in if_none_match:
        return Response(status_code=304, headers=headers)
    content = context.photos.read(row.upload_id)
    if content is None:
        raise Refusal(Why.UPLOAD_NOT_FOUND)
    return Response(content, media_type=JPEG, headers=headers)


def _answer(row: Upload) -> UploadAnswer:
    return UploadAnswer(
        upload_id=str(row.upload_id),
        url=f"/v1/uploads/{row.upload_id}",
        content_type=JPEG,
        width=row.width,
        height=row.height,
        size=row.size,
        created_at=row.created_at,
    )
