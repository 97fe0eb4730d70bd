"""Is the first answer to a key the only one it ever gives?"""

from typing import Any

import pytest

from store.idempotency import Kept, earlier_answer, fingerprint, keep
from store.session import Database
from tests.store.till import refused

KEY = ("demo", "POST /v1/uploads", "key-0001")


def remember(database: Database, body: Any) -> Kept:
    kept = Kept(201, "/v1/cases/1", '{"case_id": "1"}')
    with database.begin() as session:
        assert earlier_answer(session, *KEY, body) is None
        keep(session, *KEY, body, kept)
    return kept


def test_the_first_answer_is_given_again(database: Database) -> None:
    kept = remember(database, {"a": 1, "b": [1, 2]})
    with database.begin() as session:
        assert earlier_answer(session, *KEY, {"b": [1, 2], "a": 1}) == kept


def test_a_key_is_of_one_storefront_and_route(database: Database) -> None:
    remember(database, {"a": 1})
    for key in (("rival", *KEY[1:]), ("demo", "POST /v1/reviews", KEY[2])):
        with database.begin() as session:
            assert earlier_answer(session, *key, {"a": 1}) is None


@pytest.mark.parametrize("other", [{"a": 2}, {"a": "1"}, {"a": True}, {"a": [1]}, {}, [1]])
def test_another_body_under_the_key_is_refused(database: Database, other: Any) -> None:
    remember(database, {"a": 1})
    with refused("idempotency-key-reused"), database.begin() as session:
        earlier_answer(session, *KEY, other)


def test_a_key_in_use_is_refused_until_its_transaction_ends(database: Database) -> None:
    with database.begin() as running:
        assert earlier_answer(running, *KEY, {}) is None
        with refused("idempotency-key-in-use"), database.begin() as session:
            earlier_answer(session, *KEY, {})
    with database.begin() as session:
        assert earlier_answer(session, *KEY, {}) is None


def test_an_answer_that_was_rolled_back_was_never_given(database: Database) -> None:
    with database.begin() as session:
        keep(session, *KEY, {}, Kept(201, "", "{}"))
        session.rollback()
    with database.begin() as session:
        assert earlier_answer(session, *KEY, {}) is None


def test_every_spelling_of_the_same_json_has_one_fingerprint() -> None:
    assert fingerprint({"a": "é", "b": 1}) == fingerprint({"b": 1, "a": "\u00e9"})
    assert fingerprint({"a": None}) != fingerprint({})
