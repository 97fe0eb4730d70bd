"""What everybody sees of a review: publishing a version of it, and taking it out of sight.

Whatever changes here changes the product's figures too, in the same transaction.
"""

from datetime import datetime

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from store.submissions import ratings
from store.tables import Case, CaseLine, Review, ReviewVersion, Submission


def publish(session: Session, submission: Submission, now: datetime) -> None:
    """Show the newest version of a locked review, instead of an older one if there is one."""
    review = session.get_one(Review, submission.submission_id)
    newest = session.get_one(ReviewVersion, (review.submission_id, review.versions))
    if review.published_on is None:
        review.published_on = now.date()
        review.had_case = had_case(session, review)
    ratings.count(
        session,
        storefront=review.storefront,
        sku=review.sku,
        day=review.published_on,
        was=review.published_stars,
        now_is=newest.stars,
        had_case=review.had_case,
    )
    review.published, review.published_stars = newest.n, newest.stars
    review.published_at = now
    session.flush()


def take_down(session: Session, review: Review) -> None:
    """Nobody sees it any more, and it counts no more. No change if nobody did."""
    if review.published is None or review.published_on is None:
        return
    ratings.count(
        session,
        storefront=review.storefront,
        sku=review.sku,
        day=review.published_on,
        was=review.published_stars,
        now_is=None,
        had_case=review.had_case,
    )
    review.published = review.published_stars = review.published_at = None
    session.flush()


def had_case(session: Session, review: Review) -> bool:
    """Whether the line has had a case that was not simply taken back."""
    of_line = (
        select(CaseLine.case_id)
        .join(Case, Case.case_id == CaseLine.case_id)
        .where(CaseLine.order_line_id == review.order_line_id, Case.stage != "cancelled")
    )
    return bool(session.scalar(select(exists(of_line))))
