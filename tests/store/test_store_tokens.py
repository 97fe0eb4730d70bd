"""Who holds a token, and what of it is stored?"""

from datetime import timedelta

import pytest
from sqlalchemy import text

from domain.people import Role
from store import tokens
from tests.shop import NOW, Shop


def test_only_a_hash_is_stored_and_the_secret_opens_the_door(shop: Shop) -> None:
    secret = shop.tokens["alice"]
    with shop.session() as session:
        assert tokens.holder(session, secret) == shop.auditor
        assert tokens.holder(session, secret + "x") is None
        everything = session.execute(text("select tokens::text from tokens")).scalars().all()
    assert not any(secret in row for row in everything)


def test_a_revoked_token_opens_nothing_at_once(shop: Shop) -> None:
    shop.revoke("alice")
    with shop.session() as session:
        assert tokens.holder(session, shop.tokens["alice"]) is None
        assert tokens.named(session, "alice") is None


def test_a_name_is_given_once_for_good(shop: Shop) -> None:
    shop.revoke("alice")
    with pytest.raises(tokens.NameTaken):
        shop.hire("alice", Role.AUDITOR)


def test_revoking_again_keeps_the_first_time_and_a_stranger_is_unknown(shop: Shop) -> None:
    shop.revoke("alice")
    shop.revoke("alice", NOW + timedelta(days=1))
    with shop.database.begin() as session:
        assert not tokens.revoke(session, "nobody", NOW)
        revoked = {t.name: t.revoked_at for t, _ in tokens.everyone(session)}
    assert revoked.pop("alice") == NOW
    assert set(revoked.values()) == {None}


def test_limits_are_kept_by_currency(shop: Shop) -> None:
    shop.hire("anna", Role.AUDITOR, limits={"GBP": 1, "EUR": 2})
    with shop.session() as session:
        limits = {token.name: held for token, held in tokens.everyone(session)}
    assert limits["anna"] == {"GBP": 1, "EUR": 2}
    assert limits["lea"] == {}
