"""What buyers say, over HTTP on real servers: a review goes its way, feedback comes to money."""

import asyncio
import itertools
from typing import Any

from temporalio.client import WorkflowExecutionStatus
from temporalio.service import RPCError

from runtime.client import connect
from runtime.settings import Settings
from tests.e2e.live import Live, paid_once
from tests.sandbox_process import eventually
from tests.shop import request_body

BUYER = {"customer_id": "17850"}
WORDS = {**BUYER, "stars": 4, "content": "It rings."}

_keys = itertools.count()


def creates(platform: Live, path: str, body: dict[str, Any]) -> dict[str, Any]:
    said = platform.call("shop", "POST", path, body, key=f"said-{next(_keys):08}")
    assert said.status_code == 201, said.text
    return dict(said.json())


def says(platform: Live, who: str, path: str, body: Any, method: str = "POST") -> dict[str, Any]:
    said = platform.call(who, method, path, body)
    assert said.status_code in (200, 201), said.text
    return dict(said.json())


def sold(platform: Live, sku: str) -> str:
    """An order of two units of this SKU."""
    line = {"line": 1, "sku": sku, "title": "A bell", "quantity": 2, "paid": 1000}
    return platform.sell((2, 1000), lines=[line])


def stars(platform: Live, sku: str) -> list[int]:
    """Every star that counts for a product, as its rating and the shop's statistics agree."""
    rating = platform.call("shop", "GET", f"/v1/products/{sku}/rating").json()
    items = platform.call("shop", "GET", "/v1/stats/reviews?group_by=sku").json()["items"]
    counted = [item["histogram"] for item in items if item["sku"] == sku and item["count"]]
    assert counted == ([rating["histogram"]] if rating["count"] else [])
    given = [int(score) for score, times in rating["histogram"].items() for _ in range(times)]
    assert rating["count"] == len(given)
    assert rating["mean"] == (sum(given) / len(given) if given else None)
    return given


def seen(platform: Live, sku: str) -> list[str]:
    """What everybody reads about a product."""
    items = platform.call("shop", "GET", f"/v1/products/{sku}/reviews").json()["items"]
    return [item["content"] for item in items]


def workflow_ends(platform: Live, workflow_id: str) -> bool:
    """Whether Temporal has seen the workflow through, in the end."""

    async def status() -> WorkflowExecutionStatus | None:
        client = await connect(Settings(temporal=platform.found.temporal))
        try:
            return (await client.get_workflow_handle(workflow_id).describe()).status
        except RPCError:  # not started yet
            return None

    return bool(
        eventually(
            lambda: asyncio.run(status()) is WorkflowExecutionStatus.COMPLETED, platform.patience
        )
    )


def test_a_review_is_refused_appealed_published_edited_and_withdrawn(platform: Live) -> None:
    order_id = sold(platform, "BELL")
    review = creates(platform, "/v1/reviews", {**WORDS, "order_id": order_id, "line": 1})
    path = f"/v1/reviews/{review['review_id']}"
    assert (review["stage"], stars(platform, "BELL")) == ("awaiting_audit", [])

    refusal = {"reason": "off_topic", "note": "Say something of the bell."}
    says(platform, "lead", f"{path}/reject", refusal)
    told = platform.call("shop", "GET", path).json()
    (verdict,) = told["decisions"]
    assert (told["stage"], verdict["reason"], verdict["note"]) == ("rejected", *refusal.values())
    assert stars(platform, "BELL") == []

    appealed = says(platform, "shop", f"{path}/appeal", {**BUYER, "note": "A bell rings."})
    again = platform.call("lead", "POST", f"{path}/approve", {})
    assert (again.status_code, again.json()["type"]) == (403, "/problems/four-eyes")
    assert (appealed["stage"], stars(platform, "BELL")) == ("awaiting_appeal", [])

    assert says(platform, "other", f"{path}/approve", {})["stage"] == "published"
    assert (stars(platform, "BELL"), seen(platform, "BELL")) == ([4], ["It rings."])

    worse = {**WORDS, "stars": 2, "content": "It rang once."}
    assert says(platform, "shop", path, worse, "PUT")["stage"] == "awaiting_audit"
    assert (stars(platform, "BELL"), seen(platform, "BELL")) == ([4], ["It rings."])
    says(platform, "lead", f"{path}/approve", {})
    assert (stars(platform, "BELL"), seen(platform, "BELL")) == ([2], ["It rang once."])

    assert says(platform, "shop", f"{path}/withdraw", BUYER)["stage"] == "withdrawn"
    assert (stars(platform, "BELL"), seen(platform, "BELL")) == ([], [])
    assert workflow_ends(platform, review["workflow_id"])


def test_a_review_waits_for_the_case_of_its_line_and_says_that_there_was_one(
    platform: Live,
) -> None:
    order_id = sold(platform, "GONG")
    case_id = platform.apply(order_id)
    review = creates(platform, "/v1/reviews", {**WORDS, "order_id": order_id, "line": 1})
    path = f"/v1/reviews/{review['review_id']}"
    assert (review["stage"], review["waiting_for"]) == ("on_hold", "case")
    platform.approve(case_id)
    platform.wait_for(case_id)

    def let_go() -> bool:
        return bool(platform.call("lead", "GET", path).json()["stage"] == "awaiting_audit")

    assert eventually(let_go, platform.patience)
    assert says(platform, "lead", f"{path}/approve", {})["had_case"] is True
    rating = platform.call("shop", "GET", "/v1/products/GONG/rating").json()
    assert (rating["count"], rating["with_case"]) == (1, 1)


def content(platform: Live) -> tuple[int, int, int]:
    """How much feedback came in, how many scores of it, and what these add up to."""
    items = platform.call("shop", "GET", "/v1/stats/feedback").json()["items"]
    if not items:
        return 0, 0, 0
    (figures,) = items
    total = sum(int(score) * times for score, times in figures["histogram"].items())
    return figures["received"], figures["count"], total


def test_feedback_is_answered_becomes_a_refund_that_pays_and_is_rated_once(
    platform: Live,
) -> None:
    received, scores, total = content(platform)
    order_id = platform.sell((2, 1000))
    told = {**BUYER, "category": "product", "subject": "A bell", "content": "It does not ring."}
    feedback = creates(platform, "/v1/feedback", {**told, "order_id": order_id})
    path = f"/v1/feedback/{feedback['feedback_id']}"
    assert content(platform) == (received + 1, scores, total)
    answered = says(platform, "lead", f"{path}/answer", {"content": "Send us a photo."})
    assert (answered["stage"], len(answered["thread"])) == ("awaiting_buyer", 1)
    says(platform, "shop", f"{path}/message", {**BUYER, "content": "Of a sound?"})

    wanted = {"case": request_body((1, 2), order_id=order_id, reason="defective")}
    converted = creates(platform, f"{path}/convert", wanted)
    case_id = converted["converted_to"]["case_id"]
    assert (converted["stage"], converted["converted_to"]["review_id"]) == ("converted", None)
    assert platform.read(case_id)["feedback_id"] == feedback["feedback_id"]
    assert workflow_ends(platform, feedback["workflow_id"])
    early = platform.call(
        "shop", "POST", f"/v1/cases/{case_id}/satisfaction", {**BUYER, "score": 1}
    )
    assert (early.status_code, early.json()["type"]) == (409, "/problems/case-open")

    platform.approve(case_id)
    case = platform.wait_for(case_id)
    assert (case["outcome"], case["amount"]["paid"]) == ("refunded", 1000)
    paid_once(platform, [order_id], 1000)

    score = {**BUYER, "score": 5}
    rated = says(platform, "shop", f"/v1/cases/{case_id}/satisfaction", score)
    assert (rated["case_id"], rated["score"], rated["stage"]) == (case_id, 5, "closed")
    twice = platform.call(
        "shop", "POST", f"/v1/cases/{case_id}/satisfaction", {**BUYER, "score": 1}
    )
    assert (twice.status_code, twice.json()["type"]) == (409, "/problems/already-rated")
    assert content(platform) == (received + 2, scores + 1, total + 5)
