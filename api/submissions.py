"""How is what buyers say found, listed, changed and shown? Reviews and feedback alike."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar
from uuid import UUID

from sqlalchemy.orm import Session

from api.context import Context, now
from api.paging import cursor_after, cursor_of, seq_of
from api.submission_answers import SubmissionEventAnswer, SubmissionEventList
from domain.people import Actor
from domain.review_messages import Publish, Refuse
from domain.submissions import SubmissionKind
from runtime.settings import Settings
from store.listing import Position
from store.submissions import moderation, submission_events
from store.tables import Feedback, Review, Submission

Record = TypeVar("Record")
Answer = TypeVar("Answer")

Said = Submission | Review | Feedback


@dataclass(frozen=True)
class Submissions(Generic[Record, Answer]):
    """One kind of them: how it is named in paths, read from the store, and shown to a reader."""

    kind: SubmissionKind
    named: Callable[[str], UUID]
    records: Callable[[Session, Sequence[Submission]], list[Record]]
    answer: Callable[[Record, Actor, Settings, datetime], Answer]

    def find(self, session: Session, named: str, caller: Actor) -> Submission:
        """The one of this name, if the caller may see it. Raises Refusal: review-not-found,
        feedback-not-found.
        """
        return submission_events.find(session, self.kind, self.named(named), caller.storefront)

    def shown(
        self, session: Session, said: Said, caller: Actor, context: Context, at: datetime
    ) -> Answer:
        """As it stands in this session."""
        session.flush()
        (record,) = self.records(session, [session.get_one(Submission, said.submission_id)])
        return self.answer(record, caller, context.settings, at)

    def after(
        self, act: Callable[[Session, datetime], Said], caller: Actor, context: Context
    ) -> Answer:
        """One transaction around `act`, and what it acted on as it stands at its end."""

        def work(session: Session) -> Answer:
            at = now()
            return self.shown(session, act(session, at), caller, context, at)

        return context.database.run(work)

    def decide(self, named: str, word: Publish | Refuse, caller: Actor, context: Context) -> Answer:
        """Let it in or refuse it, and as it then stands."""
        which = self.named(named)
        return self.after(
            lambda s, at: moderation.decide(s, self.kind, which, word, caller, context.policy, at),
            caller,
            context,
        )

    def page(
        self,
        search: Callable[[Session, datetime], tuple[list[Submission], Position | None]],
        caller: Actor,
        context: Context,
    ) -> tuple[list[Answer], str | None]:
        """What `search` found, and the cursor to go on from."""
        with context.database.snapshot() as session:
            at = now()
            found, following = search(session, at)
            records = self.records(session, found)
        items = [self.answer(record, caller, context.settings, at) for record in records]
        return items, cursor_of(following)

    def events(
        self, named: str, caller: Actor, context: Context, limit: int, cursor: str | None
    ) -> SubmissionEventList:
        """What happened to it, oldest first, page by page. Raises Refusal(bad-cursor) and those of
        `find`.
        """
        after = seq_of(cursor)
        with context.database.snapshot() as session:
            found = self.find(session, named, caller)
            page = submission_events.events_of(session, found, after=after, limit=limit + 1)
        following = cursor_after(page[limit - 1].seq) if len(page) > limit else None
        items = [SubmissionEventAnswer.of(event, caller) for event in page[:limit]]
        return SubmissionEventList(items=items, next=following)
