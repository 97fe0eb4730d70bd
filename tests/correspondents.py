"""Feedback for tests: said, answered and brought to its end, straight on the store."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.feedback_messages import (
    Answer,
    BuyerWord,
    Close,
    Conversion,
    FeedbackRequest,
    Satisfaction,
)
from domain.people import Actor
from domain.review_messages import Publish, Refuse
from domain.submissions import SubmissionKind
from store.submissions import conversions, feedback, feedback_records, feedback_threads, moderation
from store.submissions.feedback_records import FeedbackRecord
from store.tables import SatisfactionDay, Submission
from tests.shop import NOW, Shop, order_body, request_body

BUYER = "17850"


def feedback_body(**fields: Any) -> dict[str, Any]:
    return {
        "customer_id": BUYER,
        "category": "delivery",
        "subject": "The courier",
        "content": "He threw it over the fence.",
        **fields,
    }


class Correspondents:
    """A shop whose buyers write to it, and whose people answer."""

    def __init__(self, shop: Shop) -> None:
        self.shop = shop
        self.database = shop.database
        self.clock: Callable[[], Any] = lambda: NOW

    def writes(self, **fields: Any) -> UUID:
        request = FeedbackRequest.model_validate(feedback_body(**fields))
        who, rules = self.shop.storefront, self.shop.policy
        return self.database.run(
            lambda s: feedback.submit(s, request, who, rules, self.clock()).submission_id
        )

    def rates(self, case_id: UUID, score: int = 4, **fields: Any) -> UUID:
        word = Satisfaction.model_validate({"customer_id": BUYER, "score": score, **fields})
        who, rules = self.shop.storefront, self.shop.policy
        return self.database.run(
            lambda s: feedback.rate(s, case_id, word, who, rules, self.clock()).submission_id
        )

    def closed_case(self, order_id: str = "o1") -> UUID:
        """A case of a new order that was refused."""
        self.shop.sell(order_id, order_body((6, 1530)), self.clock())
        case = self.shop.apply(request_body((1, 2), order_id=order_id), self.clock())
        self.shop.reject(case.case_id, now=self.clock())
        return case.case_id

    def approves(self, feedback_id: UUID, who: Actor | None = None, **fields: Any) -> None:
        self._decides(feedback_id, Publish(**fields), who)

    def rejects(self, feedback_id: UUID, who: Actor | None = None, **fields: Any) -> None:
        self._decides(feedback_id, Refuse(**{"reason": "offensive", **fields}), who)

    def _decides(self, feedback_id: UUID, word: Publish | Refuse, who: Actor | None) -> None:
        actor, kind, rules = who or self.shop.auditor, SubmissionKind.FEEDBACK, self.shop.policy
        self.database.run(
            lambda s: moderation.decide(s, kind, feedback_id, word, actor, rules, self.clock())
        )

    def answers(
        self, feedback_id: UUID, content: str = "We are sorry.", who: Actor | None = None, **of: Any
    ) -> None:
        word, actor, rules = (
            Answer(content=content, **of),
            who or self.shop.auditor,
            self.shop.policy,
        )
        self.database.run(
            lambda s: feedback_threads.answer(s, feedback_id, word, actor, rules, self.clock())
        )

    def comes_back(self, feedback_id: UUID, content: str = "And now?", who: str = BUYER) -> None:
        word, author = BuyerWord(customer_id=who, content=content), self.shop.storefront
        rules = self.shop.policy
        self.database.run(
            lambda s: feedback_threads.come_back(s, feedback_id, word, author, rules, self.clock())
        )

    def closes(self, feedback_id: UUID, who: Actor | None = None) -> None:
        actor = who or self.shop.storefront
        self.database.run(
            lambda s: feedback_threads.close(s, feedback_id, Close(), actor, self.clock())
        )

    def converts(self, feedback_id: UUID, **wanted: Any) -> None:
        word, author = Conversion.model_validate(wanted), self.shop.storefront
        rules = self.shop.policy
        self.database.run(
            lambda s: conversions.convert(s, feedback_id, word, author, rules, self.clock())
        )

    def record(self, feedback_id: UUID) -> FeedbackRecord:
        def look(session: Session) -> FeedbackRecord:
            return feedback_records.record_of(session, session.get_one(Submission, feedback_id))

        return self.database.run(look)

    def stage(self, feedback_id: UUID) -> str:
        return self.record(feedback_id).submission.stage

    def thread(self, feedback_id: UUID) -> list[tuple[str, str]]:
        """Who said what, in order."""
        return [(each.by, each.content) for each in self.record(feedback_id).thread]

    def scores(self) -> dict[str, list[int]]:
        """How often each score was given, 1 to 5, by day, as the figures have it."""
        with self.shop.session() as session:
            return {
                str(day.day): [day.h1, day.h2, day.h3, day.h4, day.h5]
                for day in session.scalars(select(SatisfactionDay))
            }
