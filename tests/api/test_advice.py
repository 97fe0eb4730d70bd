"""Advice over HTTP: what the models say of a text, for those who judge it and nobody else."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from activities.advice import Advising
from activities.adviser import Adviser
from domain.advice import Advice, Language
from store.advice import keep, take
from tests.api.buyers import submitted
from tests.api.callers import Callers, new_key
from tests.api.pictures import scene, written

SAID = Advice(language=Language("en", 0.99))
COPIED = "The kettle arrived broken and it is terrible."
PAST_US = "Write to me at buyer@example.org please."


def advised(api: Callers) -> None:
    """Every text that lacks advice has some."""
    now = datetime.now(UTC)
    while taken := api.shop.database.run(lambda s: take(s, now)):
        api.shop.database.run(lambda s, of=taken: keep(s, of, SAID, {"rapidfuzz": "3"}, now))


def complaint(api: Callers, order_id: str, **fields: Any) -> dict[str, Any]:
    api.sells(order_id, customer={"id": order_id})
    return api.applies((1, 2), order_id=order_id, **fields)


def test_who_judges_a_case_is_advised_and_nobody_else(api: Callers) -> None:
    path = f"/v1/cases/{complaint(api, 'o1', note=COPIED)['case_id']}"
    assert "advice" not in api.auditor.get(path).json()
    advised(api)
    for caller in (api.auditor, api.lead):
        shown = caller.get(path).json()["advice"]
        assert shown["language"] == {"code": "en", "probability": 0.99}
        assert shown["models"] == {"rapidfuzz": "3"}
    others = (api.storefront, api.operator, api.named("wanda"), api.named("tina"))
    assert not [caller for caller in others if "advice" in caller.get(path).text]


def test_who_judges_a_review_is_advised_on_its_newest_words_and_nobody_else(api: Callers) -> None:
    review = submitted(api, content=COPIED)
    path = f"/v1/reviews/{review['review_id']}"
    advised(api)
    assert api.auditor.get(path).json()["advice"]["language"]["code"] == "en"
    others = (api.storefront, api.operator, api.named("wanda"), api.named("tina"))
    assert not [caller for caller in others if "advice" in caller.get(path).text]
    words = {"customer_id": "17850", "stars": 1, "content": "On second thoughts it is poor."}
    api.storefront.put(path, words)
    assert "advice" not in api.auditor.get(path).json()


def test_a_buyer_meets_advice_nowhere(api: Callers) -> None:
    """Neither in answers to what was done, nor in lists, events and published reviews."""
    case_id = complaint(api, "o1", note=COPIED)["case_id"]
    review = submitted(api, "o2", content=COPIED)
    advised(api)
    done = api.auditor.post(f"/v1/reviews/{review['review_id']}/approve", {})
    assert done.json()["stage"] == "published"
    seen = [
        api.storefront.get(path).text
        for path in (
            "/v1/cases",
            f"/v1/cases/{case_id}/events",
            "/v1/reviews",
            f"/v1/reviews/{review['review_id']}/events",
            f"/v1/products/{review['sku']}/reviews",
        )
    ] + [api.storefront.post(f"/v1/cases/{case_id}/cancel", {}).text]
    assert not [text for text in seen if "advice" in text or "rapidfuzz" in text]


@pytest.fixture
def models() -> Iterator[Adviser]:
    """The models themselves, in their own process."""
    adviser = Adviser()
    yield adviser
    adviser.close()


def test_an_auditor_sees_that_words_and_photo_were_used_before(
    api: Callers, models: Adviser
) -> None:
    def sent(width: int, quality: int) -> str:
        picture = scene((640, 480)).resize((width, width * 3 // 4))
        keyed = {"Idempotency-Key": new_key(), "Content-Type": "image/jpeg"}
        answer = api.client.post(
            "/v1/uploads",
            headers=api.storefront.headers | keyed,
            content=written(picture, quality=quality),
        )
        return str(answer.json()["upload_id"])

    first = complaint(api, "o1", note=COPIED, evidence=[sent(640, 90)])
    copy = sent(320, 60)
    second = complaint(api, "o2", note=f"{COPIED} {PAST_US}", evidence=[copy])
    third = complaint(api, "o3", note=COPIED.upper())
    looking = Advising(api.shop.database, models, lambda: datetime.now(UTC))
    assert [looking.look() for _ in range(4)] == [1, 1, 1, 0]

    said = api.auditor.get(f"/v1/cases/{second['case_id']}").json()["advice"]
    assert said["failed"] == []
    assert (said["language"]["code"], said["sentiment"]["tone"]) == ("en", "negative")
    assert said["reason"]["reason"] == "damaged"
    assert [contact["kind"] for contact in said["contacts"]] == ["email"]
    assert [one["id"] for one in said["similar"]] == [first["case_id"]]
    (photo,) = said["photos"]
    assert (photo["upload_id"], photo["kind"], photo["id"]) == (copy, "case", first["case_id"])

    said = api.auditor.get(f"/v1/cases/{third['case_id']}").json()["advice"]
    assert [one["id"] for one in said["duplicates"]] == [first["case_id"]]
