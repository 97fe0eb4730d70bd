"""Photos in the books: whose they are, what names them, and which look alike."""

from uuid import UUID

import pytest

from domain.refusals import Refusal, Why
from store import uploads
from store.session import new_id
from store.tables import Subject, Upload
from tests.shop import NOW, Shop

HASH = 0x1234_5678_9ABC_DEF0


def sent_in(shop: Shop, phash: int = HASH, storefront: str = "demo") -> UUID:
    upload_id = new_id()
    with shop.database.begin() as session:
        session.add(
            Upload(
                upload_id=upload_id,
                storefront=storefront,
                uploaded_by="shop",
                width=1,
                height=1,
                size=1,
                phash=phash,
                created_at=NOW,
            )
        )
    return upload_id


def named(shop: Shop, kind: Subject, *ids: UUID, storefront: str = "demo") -> UUID:
    subject_id = new_id()
    with shop.database.begin() as session:
        uploads.use(session, storefront, ids, kind, subject_id)
    return subject_id


def test_a_photo_may_be_named_again_and_by_others(shop: Shop) -> None:
    photo = sent_in(shop)
    case_id = named(shop, Subject.CASE, photo)
    with shop.database.begin() as session:
        uploads.use(session, "demo", [photo], Subject.CASE, case_id)
        uploads.use(session, "demo", [photo], Subject.INSPECTION, case_id)


def test_only_photos_of_the_storefront_are_known(shop: Shop) -> None:
    with shop.database.begin() as session:
        uploads.known(session, "demo", [sent_in(shop)])
        uploads.known(session, "demo", [])
    with shop.database.begin() as session, pytest.raises(Refusal) as refused:
        uploads.known(session, "other", [sent_in(shop)])
    assert refused.value.why is Why.UNKNOWN_UPLOAD
    assert refused.value.extra["errors"][0]["field"] == "photos.0"


def test_photos_of_other_cases_that_look_alike_are_found_nearest_first(shop: Shop) -> None:
    ours = sent_in(shop)
    near, nearer, far = (sent_in(shop, HASH ^ bits) for bits in (0b111111, 0b1, 0b1111111))
    case_id = named(shop, Subject.CASE, ours)
    other = named(shop, Subject.CASE, near, nearer, far)
    with shop.database.begin() as session:
        found = uploads.lookalikes(session, case_id)
    assert [(each.upload_id, each.of, each.distance) for each in found] == [
        (nearer, ours, 1),
        (near, ours, 6),
    ]
    assert {(each.kind, each.subject_id) for each in found} == {(Subject.CASE, other)}


def test_the_same_photo_in_another_case_looks_alike_and_in_its_own_does_not(shop: Shop) -> None:
    photo, again = sent_in(shop), sent_in(shop)
    case_id = named(shop, Subject.CASE, photo, again)
    review = named(shop, Subject.REVIEW, photo)
    with shop.database.begin() as session:
        found = uploads.lookalikes(session, case_id)
    assert {(each.upload_id, each.of, each.subject_id) for each in found} == {
        (photo, photo, review),
        (photo, again, review),
    }


def test_hashes_differ_bit_by_bit_whatever_their_sign(shop: Shop) -> None:
    case_id = named(shop, Subject.CASE, sent_in(shop, -1))
    named(shop, Subject.CASE, sent_in(shop, 2**63 - 1))
    with shop.database.begin() as session:
        assert [each.distance for each in uploads.lookalikes(session, case_id)] == [1]


def test_photos_of_another_storefront_are_not_compared(shop: Shop) -> None:
    shop.hire("rival", shop.storefront.role, storefront="rival")
    case_id = named(shop, Subject.CASE, sent_in(shop))
    named(shop, Subject.CASE, sent_in(shop, storefront="rival"), storefront="rival")
    with shop.database.begin() as session:
        assert uploads.lookalikes(session, case_id) == []
