"""Who may call: tokens, of which only a hash is kept, and the limits that go with them."""

import hashlib
import json
import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from domain.people import Actor, Role
from store.tables import Storefront, Token, TokenLimit


class NameTaken(ValueError):
    """Token names are unique for good: history refers to them."""


def issue(
    session: Session,
    name: str,
    role: Role,
    *,
    storefront: str | None = None,
    limits: Mapping[str, int] | None = None,
) -> str:
    """A new token, shown once. An unknown storefront is created. Raises NameTaken."""
    if session.get(Token, name):
        raise NameTaken(name)
    if storefront:
        session.execute(insert(Storefront).values(storefront=storefront).on_conflict_do_nothing())
    secret = f"as_{secrets.token_urlsafe(32)}"
    session.add(Token(name=name, role=role, storefront=storefront, token_hash=_hash(secret)))
    session.flush()
    for currency, amount in (limits or {}).items():
        session.add(TokenLimit(name=name, currency=currency, amount=amount))
    return secret


def revoke(session: Session, name: str, now: datetime) -> bool:
    """End a token at once. False if there is none of that name."""
    token = session.get(Token, name, with_for_update=True)
    if token and not token.revoked_at:
        token.revoked_at = now
    return token is not None


REVOKE_AGAIN = text("""
    update tokens t set revoked_at = told.revoked_at
    from jsonb_to_recordset(cast(:told as jsonb)) as told(name text, revoked_at timestamptz)
    where t.name = told.name and t.revoked_at is null and t.issued_at <= told.revoked_at
    returning t.name
""")


def revoke_again(session: Session, told: Sequence[tuple[str, datetime]]) -> list[str]:
    """End each named token that was issued before its moment, and is valid; the names of those. A
    name that was given again since is another token.
    """
    rows = json.dumps([{"name": name, "revoked_at": at.isoformat()} for name, at in told])
    return sorted(session.scalars(REVOKE_AGAIN, {"told": rows}))


def holder(session: Session, secret: str) -> Actor | None:
    """Who holds this token, if it is one of ours and not revoked."""
    found = select(Token).where(Token.token_hash == _hash(secret), Token.revoked_at.is_(None))
    return _actor(session, session.scalars(found).one_or_none())


def named(session: Session, name: str) -> Actor | None:
    """Who bears this name, if their token is not revoked."""
    found = select(Token).where(Token.name == name, Token.revoked_at.is_(None))
    return _actor(session, session.scalars(found).one_or_none())


def everyone(session: Session) -> list[tuple[Token, dict[str, int]]]:
    """All tokens with their limits, by name."""
    limits: dict[str, dict[str, int]] = {}
    for limit in session.scalars(select(TokenLimit)):
        limits.setdefault(limit.name, {})[limit.currency] = limit.amount
    return [
        (t, limits.get(t.name, {})) for t in session.scalars(select(Token).order_by(Token.name))
    ]


def _actor(session: Session, token: Token | None) -> Actor | None:
    if token is None:
        return None
    limits = session.scalars(select(TokenLimit).where(TokenLimit.name == token.name))
    return Actor(
        token.name,
        Role(token.role),
        token.storefront,
        {limit.currency: limit.amount for limit in limits},
    )


def _hash(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()
