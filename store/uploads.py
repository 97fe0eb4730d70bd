"""Whose are these photos, and what belongs to them? What nothing names is discarded in time."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import cast, delete, func, insert, select, update
from sqlalchemy.dialects.postgresql import BIT
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.orm import Session, aliased

from domain.refusals import Refusal, Why
from store.tables import DiscardedUpload, Storefront, Subject, Upload, UploadUse

ALIKE = 6
"""Bits of 64. A photo that was scaled or recompressed differs by less, another one by about 32."""


def check_storefront(session: Session, storefront: str) -> None:
    """Raises Refusal(storefront-not-found)."""
    if session.get(Storefront, storefront) is None:
        raise Refusal(Why.STOREFRONT_NOT_FOUND)


def find(session: Session, upload_id: UUID, storefront: str | None) -> Upload:
    """The upload, if it is one of `storefront`'s (None: of any). Raises upload-not-found."""
    upload = session.get(Upload, upload_id)
    if upload is None or storefront not in (None, upload.storefront):
        raise Refusal(Why.UPLOAD_NOT_FOUND)
    return upload


def known(session: Session, storefront: str, ids: Sequence[UUID], field: str = "photos") -> None:
    """Raises Refusal(unknown-upload), naming the places in `field`, if one is not the
    storefront's. Writes nothing: whoever is going to name them calls `use`.
    """
    theirs = select(Upload.upload_id).where(
        Upload.upload_id.in_(ids), Upload.storefront == storefront
    )
    _all_found(ids, set(session.scalars(theirs)) if ids else set(), field)


def use(
    session: Session,
    storefront: str,
    ids: Sequence[UUID],
    kind: Subject,
    subject_id: UUID,
    field: str = "photos",
) -> None:
    """The subject names these uploads: from here on they stay. Naming them again is no error.

    Raises Refusal(unknown-upload) as `known` does.
    """
    if not ids:
        return
    theirs = (
        update(Upload)
        .where(Upload.upload_id.in_(ids), Upload.storefront == storefront)
        .values(used=True)
        .returning(Upload.upload_id)
        .execution_options(synchronize_session=False)
    )
    _all_found(ids, set(session.scalars(theirs)), field)
    rows = [
        {"upload_id": each, "subject_kind": kind, "subject_id": subject_id}
        for each in dict.fromkeys(ids)
    ]
    session.execute(upsert(UploadUse).values(rows).on_conflict_do_nothing())


def _all_found(ids: Sequence[UUID], found: Collection[UUID], field: str) -> None:
    missing = [
        {"field": f"{field}.{at}", "detail": "no upload of this storefront"}
        for at, each in enumerate(ids)
        if each not in found
    ]
    if missing:
        raise Refusal(Why.UNKNOWN_UPLOAD, errors=missing)


@dataclass(frozen=True)
class Lookalike:
    """An upload that something else names, and by how many of 64 bits it differs."""

    upload_id: UUID
    of: UUID
    kind: Subject
    subject_id: UUID
    distance: int


def lookalikes(session: Session, subject_id: UUID, within: int = ALIKE) -> list[Lookalike]:
    """Photos of other cases, inspections and reviews of the same storefront that look like one of
    this subject's, the most alike first. Looking alike proves nothing: blank walls do.
    """
    ours, its_use, theirs, their_use = (
        aliased(Upload),
        aliased(UploadUse),
        aliased(Upload),
        aliased(UploadUse),
    )
    distance = func.bit_count(cast(ours.phash.op("#")(theirs.phash), BIT(64)))
    alike = (
        select(
            ours.upload_id,
            theirs.upload_id,
            their_use.subject_kind,
            their_use.subject_id,
            distance.label("distance"),
        )
        .join(its_use, its_use.upload_id == ours.upload_id)
        .join(theirs, theirs.storefront == ours.storefront)
        .join(their_use, their_use.upload_id == theirs.upload_id)
        .where(
            its_use.subject_id == subject_id,
            their_use.subject_id != subject_id,
            distance <= within,
        )
        .order_by("distance", theirs.upload_id, their_use.subject_id)
    )
    return [
        Lookalike(other, of, Subject(kind), subject, bits)
        for of, other, kind, subject, bits in session.execute(alike)
    ]


def discard_unused(session: Session, before: datetime, most: int) -> list[UUID]:
    """Strike up to `most` uploads from before then that nothing names off the books. The ids whose
    bytes are still to be forgotten, those of earlier times too.
    """
    unused = (
        select(Upload.upload_id)
        .where(~Upload.used, Upload.created_at < before)
        .order_by(Upload.created_at)
        .limit(most)
        .with_for_update(skip_locked=True)
    )
    if gone := list(session.scalars(unused)):
        session.execute(delete(Upload).where(Upload.upload_id.in_(gone)))
        session.execute(insert(DiscardedUpload), [{"upload_id": each} for each in gone])
    return list(session.scalars(select(DiscardedUpload.upload_id).limit(most)))


def forgotten(session: Session, upload_id: UUID) -> None:
    """The bytes of a discarded upload are gone."""
    session.execute(delete(DiscardedUpload).where(DiscardedUpload.upload_id == upload_id))
