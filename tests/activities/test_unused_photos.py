"""Photos that nothing names go in time, row and bytes; whatever is named stays."""

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import select

from activities.photos import UnusedPhotos
from gateways.photos import KeptPhotos, Photos
from store import uploads
from store.session import new_id
from store.tables import DiscardedUpload, Subject, Upload
from tests.shop import NOW, Shop, order_body, request_body

KEPT_FOR = timedelta(days=30)
OLD = NOW - KEPT_FOR - timedelta(seconds=1)


@pytest.fixture
def photos(tmp_path: Path) -> Photos:
    return KeptPhotos((tmp_path / "photos").as_uri(), {})


def sent_in(shop: Shop, photos: Photos, count: int = 1, at: object = OLD) -> list[UUID]:
    ids = [new_id() for _ in range(count)]
    for upload_id in ids:
        photos.keep(upload_id, b"a photo")
    with shop.database.begin() as session:
        session.add_all(
            Upload(
                upload_id=upload_id,
                storefront="demo",
                uploaded_by="shop",
                width=1,
                height=1,
                size=7,
                phash=0,
                created_at=at,
            )
            for upload_id in ids
        )
    return ids


def removal(shop: Shop, photos: Photos) -> UnusedPhotos:
    return UnusedPhotos(shop.database, photos, KEPT_FOR, lambda: NOW)


def left(shop: Shop, photos: Photos, ids: Sequence[UUID]) -> list[UUID]:
    """Those that are still there: of each, the row and the bytes tell the same."""
    with shop.session() as session:
        rows = set(session.scalars(select(Upload.upload_id)))
        assert list(session.scalars(select(DiscardedUpload.upload_id))) == []
    assert {each for each in ids if photos.read(each) is not None} == rows
    return [each for each in ids if each in rows]


def test_what_nothing_names_goes_once_its_time_is_over(shop: Shop, photos: Photos) -> None:
    old, new = sent_in(shop, photos, 2), sent_in(shop, photos, at=NOW - KEPT_FOR)
    removing = removal(shop, photos)
    assert removing.remove() == 2
    assert removing.remove() == 0
    assert left(shop, photos, old + new) == new


def test_what_a_case_an_inspection_or_a_review_names_stays(shop: Shop, photos: Photos) -> None:
    evidence, inspected, reviewed, unused = sent_in(shop, photos, 4)
    shop.sell("o1", order_body((6, 1530)))
    shop.apply(request_body((1, 1), evidence=[str(evidence)]))
    with shop.database.begin() as session:
        uploads.use(session, "demo", [inspected], Subject.INSPECTION, new_id())
        uploads.use(session, "demo", [reviewed], Subject.REVIEW, new_id())
    assert removal(shop, photos).remove() == 1
    stay = [evidence, inspected, reviewed]
    assert left(shop, photos, [*stay, unused]) == stay


def test_what_is_being_named_at_the_moment_stays(shop: Shop, photos: Photos) -> None:
    ids = sent_in(shop, photos)
    with shop.database.begin() as session:
        uploads.use(session, "demo", ids, Subject.REVIEW, new_id())
        assert removal(shop, photos).remove() == 0
    assert removal(shop, photos).remove() == 0
    assert left(shop, photos, ids) == ids


def test_bytes_that_could_not_be_forgotten_are_so_later(shop: Shop, photos: Photos) -> None:
    ids = sent_in(shop, photos, 3)
    nowhere = {"endpoint": "http://127.0.0.1:1", "access_key_id": "a", "secret_access_key": "b"}
    assert removal(shop, KeptPhotos("s3://away", nowhere)).remove() == 0
    with shop.session() as session:
        assert set(session.scalars(select(DiscardedUpload.upload_id))) == set(ids)
    assert removal(shop, photos).remove() == 3
    assert left(shop, photos, ids) == []
