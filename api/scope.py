"""Whose orders and customers does a caller mean? A storefront its own, staff the one they name."""

from typing import Annotated

from fastapi import Query

from api.problems import invalid
from domain.messages import OutsideId
from domain.people import Actor
from domain.refusals import Refusal, Why

OfStorefront = Annotated[
    OutsideId | None, Query(description="Whose. Staff have to say; a storefront has but its own.")
]


def storefront_for(caller: Actor, named: str | None, unseen: Why) -> str:
    """The storefront to look in. Raises Refusal: invalid if staff name none, `unseen` if a
    storefront names another.
    """
    if caller.storefront is None:
        if named is None:
            raise invalid([("storefront", "staff have to name the storefront")])
        return named
    if named not in (None, caller.storefront):
        raise Refusal(unseen)
    return caller.storefront
