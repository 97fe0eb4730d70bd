"""What do the buyers of the demo say? Made-up reviews and feedback, and what became of them."""

from collections.abc import Mapping
from dataclasses import dataclass

from ops.caller import Caller, Json, Refused
from ops.demo_goods import customer

DONE = ("already-decided", "already-replied")


@dataclass(frozen=True)
class Review:
    """Of the first line of an order: published, unless it waits or was refused, and why."""

    order_id: str
    stars: int
    content: str
    waits: bool = False
    refused: str = ""
    reply: str = ""


@dataclass(frozen=True)
class Feedback:
    """About an order; `answer` is the shop's word, without which it waits for one."""

    order_id: str
    category: str
    subject: str
    content: str
    answer: str = ""


REVIEWS = (
    Review("D-1015", 5, "Does what it should, and it is a pleasure to look at."),
    Review("D-1016", 4, "Good, but the box was far too large for it."),
    Review("D-1017", 2, "Broke in the first week.", reply="We are sorry! Please ask for a refund."),
    Review("D-1018", 5, "我很喜欢，做工很好，下次还会再来买"),
    Review("D-1019", 1, "Not as shown, and nobody answers the telephone.", waits=True),
    Review("D-1020", 5, "Half the price at best-deals.example.com!", refused="advertising"),
    Review("D-1021", 5, "Gekauft, benutzt, zufrieden.", waits=True),
    Review("D-1022", 3, "It is all right."),
)

FEEDBACK = (
    Feedback("D-1023", "delivery", "Slow", "It took nine days.", "We have changed the carrier."),
    Feedback("D-1024", "website", "Basket", "The basket forgets what I put into it."),
    Feedback("D-1025", "product", "Scratched", "There is a scratch. May I have a refund?"),
)


def say(callers: Mapping[str, Caller]) -> None:
    """Hand in every word and have done what was done about it; what is there already stays."""
    for review in REVIEWS:
        _review(review, callers)
    for feedback in FEEDBACK:
        _feedback(feedback, callers)


def _review(review: Review, callers: Mapping[str, Caller]) -> None:
    body = {
        "customer_id": customer(review.order_id),
        "order_id": review.order_id,
        "line": 1,
        "stars": review.stars,
        "content": review.content,
    }
    key = f"demo-review-{review.order_id}"
    path = f"/v1/reviews/{callers['storefront'].post('/v1/reviews', body, key=key)['review_id']}"
    if review.refused:
        refusal = {"reason": review.refused, "note": "No links, please."}
        _once(callers["auditor"], f"{path}/reject", refusal)
    elif not review.waits:
        _once(callers["auditor"], f"{path}/approve", {})
    if review.reply:
        _once(callers["lead"], f"{path}/reply", {"content": review.reply})


def _feedback(feedback: Feedback, callers: Mapping[str, Caller]) -> None:
    body = {
        "customer_id": customer(feedback.order_id),
        "order_id": feedback.order_id,
        "category": feedback.category,
        "subject": feedback.subject,
        "content": feedback.content,
    }
    key = f"demo-feedback-{feedback.order_id}"
    heard = callers["storefront"].post("/v1/feedback", body, key=key)
    if feedback.answer:
        path = f"/v1/feedback/{heard['feedback_id']}/answer"
        _once(callers["lead"], path, {"content": feedback.answer})


def _once(caller: Caller, path: str, word: Json) -> None:
    """Say it; what an earlier start had done before it was interrupted stands."""
    try:
        caller.post(path, word)
    except Refused as refused:
        if refused.slug not in DONE:
            raise
