"""Which text is advised on next, what it is compared with, and whether cases stay as they are."""

from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import text

from domain.advice import Advice, Alike, Contact, ContactKind, Language, SamePhoto, Subject
from domain.advice import LikelyReason as Likely
from domain.messages import Reason
from store import likenesses
from store.advice import AGAIN, ATTEMPTS, Given, Taken, given, keep, take
from store.session import new_id
from store.tables import Upload
from tests.reviewers import Reviewers
from tests.shop import NOW, Shop, order_body, request_body

SAID = Advice(
    language=Language("en", 0.99),
    reason=Likely(Reason.DAMAGED, 0.6, "It arrived broken.", 0, 12),
    duplicates=[Alike(Subject.REVIEW, UUID(int=1), 0.97)],
    contacts=[Contact(ContactKind.PHONE, 12, 24)],
    photos=[SamePhoto(UUID(int=2), Subject.CASE, UUID(int=3), 2)],
    failed=["sentiment"],
)


@pytest.fixture
def buyers(shop: Shop) -> Reviewers:
    return Reviewers(shop)


class Desk:
    """A shop whose buyers complain, each order of a customer of its own."""

    def __init__(self, shop: Shop) -> None:
        self.shop = shop
        self._orders = 0

    def hears(
        self,
        note: str,
        *,
        customer: str = "17850",
        sku: str = "SKU1",
        after: int = 0,
        **more: object,
    ) -> UUID:
        self._orders += 1
        order_id = f"o{self._orders}"
        body = order_body((2, 1000), customer={"id": customer})
        body["lines"][0]["sku"] = sku
        self.shop.sell(order_id, body)
        at = NOW + timedelta(minutes=after)
        request = request_body((1, 1), order_id=order_id, note=note, **more)
        return self.shop.apply(request, at).case_id

    def takes(self, after: timedelta = timedelta()) -> Taken | None:
        return self.shop.database.run(lambda session: take(session, NOW + after))

    def has(self, taken: Taken) -> Given | None:
        with self.shop.database.begin() as session:
            return given(session, taken.kind, taken.id, taken.version)

    def photo(self, phash: int) -> UUID:
        upload_id = new_id()
        with self.shop.database.begin() as session:
            session.add(
                Upload(
                    upload_id=upload_id,
                    storefront="demo",
                    uploaded_by="shop",
                    width=1,
                    height=1,
                    size=1,
                    phash=phash,
                    created_at=NOW,
                )
            )
        return upload_id


@pytest.fixture
def desk(shop: Shop) -> Desk:
    return Desk(shop)


def test_the_case_due_soonest_is_taken_first_and_each_once(desk: Desk) -> None:
    later, sooner = desk.hears("broken", after=5), desk.hears("late", after=1)
    taken = [desk.takes(), desk.takes(), desk.takes()]
    assert taken == [Taken(Subject.CASE, sooner, 1), Taken(Subject.CASE, later, 1), None]


def test_a_case_without_a_word_or_photo_has_nothing_to_be_advised_on(desk: Desk) -> None:
    desk.hears("")
    assert desk.takes() is None
    shown = desk.hears("", evidence=[str(desk.photo(5))])
    assert desk.takes() == Taken(Subject.CASE, shown, 1)


def test_a_case_that_nobody_has_to_judge_any_more_is_not_taken(desk: Desk) -> None:
    desk.shop.cancel(desk.hears("broken"))
    desk.shop.approve(desk.hears("late"))
    assert desk.takes() is None


def test_each_version_of_a_review_is_taken(desk: Desk, buyers: Reviewers) -> None:
    buyers.sells("o9")
    review_id = buyers.submits("o9")
    assert desk.takes() == Taken(Subject.REVIEW, review_id, 1)
    buyers.edits(review_id, content="On second thoughts it is poor.")
    assert desk.takes() == Taken(Subject.REVIEW, review_id, 2)
    assert desk.takes() is None


def test_a_text_over_which_the_models_fail_is_tried_three_times_a_while_apart(desk: Desk) -> None:
    desk.hears("broken")
    assert desk.takes()
    assert desk.takes(AGAIN - timedelta(seconds=1)) is None
    tries = [desk.takes(n * AGAIN) for n in range(1, ATTEMPTS + 3)]
    assert [bool(tried) for tried in tries] == [True, True, False, False, False]


def test_what_is_said_is_kept_whole_and_once(desk: Desk) -> None:
    desk.hears("broken")
    taken = desk.takes()
    assert taken
    assert desk.has(taken) is None
    for said in (SAID, Advice()):
        desk.shop.database.run(
            lambda session, said=said: keep(session, taken, said, {"rapidfuzz": "3"}, NOW)
        )
    assert desk.has(taken) == Given(SAID, NOW, {"rapidfuzz": "3"})
    assert desk.takes(AGAIN) is None


def test_a_case_that_is_advised_on_stays_as_it_is(desk: Desk) -> None:
    case_id = desk.hears("broken")
    taken = desk.takes()
    assert taken
    before = desk.shop.read(case_id)
    desk.shop.database.run(lambda session: keep(session, taken, SAID, {}, NOW))
    after = desk.shop.read(case_id)
    assert {**vars(before), "_sa_instance_state": 0} == {**vars(after), "_sa_instance_state": 0}
    desk.shop.approve(case_id)


def test_a_text_is_compared_with_what_others_wrote_and_with_the_same_goods_before(
    desk: Desk, buyers: Reviewers
) -> None:
    mine = {
        "earlier of theirs": desk.hears("Mine is broken.", after=1),
        "another's": desk.hears("The lid is missing.", customer="c2", after=2),
        "another's of other goods": desk.hears("Too small.", customer="c2", sku="X", after=3),
        "a silent one": desk.hears("", customer="c3", after=4),
        "later": desk.hears("Later on.", customer="c4", after=60),
    }
    buyers.sells("o9")
    review_id = buyers.submits("o9", content="It works.")
    case_id = desk.hears("It broke.", after=10)
    with desk.shop.database.snapshot() as session:
        asked = likenesses.question(session, Taken(Subject.CASE, case_id, 1))
    assert (asked.text, asked.stars) == ("It broke.", None)
    assert {one.id for one in asked.by_others} == {
        mine["another's"],
        mine["another's of other goods"],
    }
    assert [one.id for one in asked.earlier] == [
        mine["another's"],
        mine["earlier of theirs"],
        review_id,
    ]


def test_a_review_is_asked_about_with_its_stars_and_in_the_version_that_was_taken(
    desk: Desk, buyers: Reviewers
) -> None:
    buyers.sells("o9")
    review_id = buyers.submits("o9", content="It works.", stars=4)
    buyers.edits(review_id, content="It broke.", stars=1)
    with desk.shop.database.snapshot() as session:
        asked = likenesses.question(session, Taken(Subject.REVIEW, review_id, 2))
    assert (asked.text, asked.stars) == ("It broke.", 1)
    assert asked.by_others == asked.earlier == []


def test_another_storefronts_texts_are_compared_with_nothing_of_ours(desk: Desk) -> None:
    desk.hears("Somebody else's words.", customer="c2")
    case_id = desk.hears("It broke.", after=1)
    with desk.shop.session() as session:
        session.execute(text("set session_replication_role = replica"))
        session.execute(text("update cases set storefront = 'other' where customer_id = 'c2'"))
        asked = likenesses.question(session, Taken(Subject.CASE, case_id, 1))
    assert asked.by_others == asked.earlier == []


def test_a_photo_that_another_case_shows_is_told(desk: Desk) -> None:
    first, second = desk.photo(0b1111), desk.photo(0b1110)
    shown = desk.hears("broken", evidence=[str(first)])
    case_id = desk.hears("broken too", evidence=[str(second)])
    with desk.shop.database.snapshot() as session:
        found = likenesses.same_photos(session, Taken(Subject.CASE, case_id, 1))
    assert found == [SamePhoto(second, Subject.CASE, shown, 1)]
