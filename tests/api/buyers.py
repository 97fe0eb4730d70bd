"""Buyers whose words come in over HTTP, and what is in the books before and after."""

import re
from typing import Any

from httpx2 import Response
from sqlalchemy import text

from store.tables import Table
from tests.api.callers import Caller, Callers, new_key
from tests.reviewers import words
from tests.shop import Shop

NOBODYS = "019adf2a-0c00-7000-8000-000000000000"
CARD = "4111 1111 1111 1111"


def sends(caller: Caller, *, key: str | None = None, **fields: Any) -> Response:
    """A review of the first line of order o1, unless `fields` say otherwise."""
    body = words(**{"order_id": "o1", "line": 1, **fields})
    return caller.post("/v1/reviews", body, key=key or new_key())


def submitted(api: Callers, order_id: str = "o1", **fields: Any) -> dict[str, Any]:
    """A review of an order that was put for it."""
    api.sells(order_id)
    answer = sends(api.storefront, **{"order_id": order_id, **fields})
    assert answer.status_code == 201, answer.text
    review: dict[str, Any] = answer.json()
    return review


def published(api: Callers, order_id: str = "o1", **fields: Any) -> dict[str, Any]:
    """The same, let in."""
    return done(api.auditor, submitted(api, order_id, **fields), "approve")


def acts(caller: Caller, review: dict[str, Any], verb: str, **body: Any) -> Response:
    return caller.post(f"/v1/reviews/{review['review_id']}/{verb}", body)


def done(caller: Caller, review: dict[str, Any], verb: str, **body: Any) -> dict[str, Any]:
    """The review as it stands after what had to succeed."""
    answer = acts(caller, review, verb, **body)
    assert answer.status_code == 200, answer.text
    after: dict[str, Any] = answer.json()
    return after


def edits(api: Callers, review: dict[str, Any], **fields: Any) -> Response:
    return api.storefront.put(f"/v1/reviews/{review['review_id']}", words(**fields))


def written_down(shop: Shop) -> dict[str, str | None]:
    """The whole of each table, as one number."""
    with shop.session() as session:
        return {
            table.name: session.scalar(
                text(f"select md5(string_agg(t::text, '|' order by t::text)) from {table.name} t")
            )
            for table in Table.metadata.sorted_tables
        }


def tables_with_the_card(shop: Shop) -> list[str]:
    """Where `CARD` is stored, however it is spelled: by its ones, too many for a random id."""
    with shop.session() as session:
        return [
            table.name
            for table in Table.metadata.sorted_tables
            for row in session.scalars(text(f'select t::text from "{table.name}" t'))
            if "11111111" in re.sub(r"\W", "", row)
        ]
