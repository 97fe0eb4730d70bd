"""Reviews for tests: bought, written and decided on, straight on the store."""

from typing import Any
from uuid import UUID

from domain.people import Actor
from domain.review_messages import Appeal, ByCustomer, Publish, Refuse, ReviewEdit, ReviewRequest
from domain.submissions import SubmissionKind
from store.submissions import moderation, reviews
from store.submissions.ratings import read
from store.tables import Review, Submission
from tests.shop import NOW, Shop, order_body

BUYER = "17850"


def words(**fields: Any) -> dict[str, Any]:
    return {"customer_id": BUYER, "stars": 5, "content": "Does what it should.", **fields}


class Reviewers:
    """A shop whose buyers write and whose auditors read."""

    def __init__(self, shop: Shop) -> None:
        self.shop = shop
        self.database = shop.database

    def sells(self, order_id: str = "o1") -> None:
        self.shop.sell(order_id, order_body((2, 1000)))

    def submits(self, order_id: str = "o1", line: int = 1, now: Any = NOW, **fields: Any) -> UUID:
        request = ReviewRequest.model_validate(words(order_id=order_id, line=line, **fields))
        return self.database.run(
            lambda s: reviews.submit(s, request, self.shop.storefront, self.shop.policy, now)
        ).submission_id

    def edits(self, review_id: UUID, now: Any = NOW, **fields: Any) -> None:
        edit = ReviewEdit.model_validate(words(**fields))
        self.database.run(
            lambda s: reviews.edit(s, review_id, edit, self.shop.storefront, self.shop.policy, now)
        )

    def withdraws(self, review_id: UUID, now: Any = NOW) -> None:
        word = ByCustomer(customer_id=BUYER)
        self.database.run(lambda s: reviews.withdraw(s, review_id, word, self.shop.storefront, now))

    def appeals(self, review_id: UUID, now: Any = NOW) -> None:
        word = Appeal(customer_id=BUYER, note="It is true.")
        self.database.run(
            lambda s: reviews.appeal(
                s, review_id, word, self.shop.storefront, self.shop.policy, now
            )
        )

    def approves(
        self, review_id: UUID, who: Actor | None = None, now: Any = NOW, **fields: Any
    ) -> None:
        self._decides(review_id, Publish(**fields), who, now)

    def rejects(
        self, review_id: UUID, who: Actor | None = None, now: Any = NOW, **fields: Any
    ) -> None:
        self._decides(review_id, Refuse(**{"reason": "offensive", **fields}), who, now)

    def _decides(
        self, review_id: UUID, word: Publish | Refuse, who: Actor | None, now: Any
    ) -> None:
        actor, kind = who or self.shop.auditor, SubmissionKind.REVIEW
        self.database.run(
            lambda s: moderation.decide(s, kind, review_id, word, actor, self.shop.policy, now)
        )

    def stage(self, review_id: UUID) -> str:
        with self.database.begin() as session:
            return session.get_one(Submission, review_id).stage

    def review(self, review_id: UUID) -> Review:
        with self.database.begin() as session:
            review = session.get_one(Review, review_id)
            session.expunge(review)
            return review

    def stars(self, sku: str = "SKU1") -> list[int]:
        """How often each number of stars was given, 1 to 5, as the product's figures have it."""
        with self.database.begin() as session:
            return list(read(session, "demo", sku).histogram)
