"""Whose orders and customers does a caller mean? A storefront its own, staff the one they name."""

from typing import Annotated

from fastapi import Query

from api.problems import invalid
from domain.messages import OutsideId
from domain.people import Actor

OfStorefront = Annotated[
    OutsideId | None, Query(description="Whose. Staff have to say; a storefront has but its own.")
]


def storefront_for(caller: Actor, named: str | None) -> str | None:
    """The storefront to look in; None if a storefront named another, of which it sees nothing.

    Raises Refusal(invalid) if staff name none.
    """
    if caller.storefront is None and named is None:
        raise invalid([("storefront", "staff have to name the storefront")])
    return None if hidden(caller, named) else caller.storefront or named


def hidden(caller: Actor, named: str | None) -> bool:
    """Whether this is a storefront that named another, of which it sees nothing."""
    return caller.storefront is not None and named not in (None, caller.storefront)
