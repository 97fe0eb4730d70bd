"""What does everybody see of a product's reviews, and what do they and the shop say to one?"""

from typing import Annotated

from fastapi import APIRouter, Query

from api.auth import ByAnyone, ByDecider, ByStorefront
from api.context import InContext
from api.ids import CustomerId, ReviewId, Sku, review_named
from api.judgement import Route
from api.paging import Cursor, Limit, cursor_of_rank, rank_of
from api.problems import refusals
from api.review_answers import ProductReviews, ReviewAnswer, published_answer
from api.reviews import REVIEWS
from api.scope import OfStorefront, storefront_for
from domain.refusals import Why
from domain.review_messages import ByCustomer, Reply
from store.submissions import product_reviews
from store.submissions.product_reviews import Sort

router = APIRouter(route_class=Route, tags=["reviews"])

SEEN = (Why.TOO_LARGE, Why.REVIEW_NOT_FOUND, Why.NOT_PUBLISHED)


@router.post(
    "/v1/reviews/{review_id}/reply",
    responses=refusals(*SEEN, Why.CARD_NUMBER, Why.ALREADY_REPLIED),
)
def reply_to_review(
    review_id: ReviewId, word: Reply, caller: ByDecider, context: InContext
) -> ReviewAnswer:
    """The shop's one reply, under the review for everybody to see."""
    named = review_named(review_id)
    return REVIEWS.after(
        lambda s, at: product_reviews.reply(s, named, word, caller, at), caller, context
    )


@router.post("/v1/reviews/{review_id}/helpful", responses=refusals(*SEEN, Why.OWN_REVIEW))
def find_helpful(
    review_id: ReviewId, word: ByCustomer, caller: ByStorefront, context: InContext
) -> ReviewAnswer:
    """A customer finds the review helpful. Saying so twice counts once."""
    named, of = review_named(review_id), caller.storefront or ""
    return REVIEWS.after(
        lambda s, at: product_reviews.vote(s, named, word, of, at), caller, context
    )


@router.delete(
    "/v1/reviews/{review_id}/helpful/{customer_id}",
    responses=refusals(Why.REVIEW_NOT_FOUND, Why.NOT_PUBLISHED),
)
def find_helpful_no_more(
    review_id: ReviewId, customer_id: CustomerId, caller: ByStorefront, context: InContext
) -> ReviewAnswer:
    """The customer takes that back."""
    named, of = review_named(review_id), caller.storefront or ""
    return REVIEWS.after(
        lambda s, at: product_reviews.unvote(s, named, customer_id, of), caller, context
    )


@router.get("/v1/products/{sku}/reviews", responses=refusals(Why.BAD_CURSOR))
def list_product_reviews(
    sku: Sku,
    caller: ByAnyone,
    context: InContext,
    sort: Sort = Sort.NEWEST,
    stars: Annotated[int | None, Query(ge=1, le=5)] = None,
    storefront: OfStorefront = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> ProductReviews:
    """What everybody may read about a product: published reviews only."""
    after = rank_of(cursor, sort)
    of = storefront_for(caller, storefront)
    if of is None:
        return ProductReviews(items=[], next=None)
    with context.database.snapshot() as session:
        page, following = product_reviews.published(session, of, sku, sort, stars, after, limit)
    return ProductReviews(
        items=[published_answer(each) for each in page], next=cursor_of_rank(following, sort)
    )
