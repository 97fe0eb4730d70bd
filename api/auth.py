"""Who calls, and may this role ever do that? Bearer tokens, known by their hash alone."""

from typing import Annotated

from fastapi import Depends, Request
from fastapi.openapi.models import HTTPBearer
from fastapi.security.base import SecurityBase

from domain.people import (
    MAY_ANSWER,
    MAY_CANCEL,
    MAY_CLOSE,
    MAY_COUNT_STOCK,
    MAY_DECIDE,
    MAY_DIAGNOSE,
    MAY_HANDLE,
    MAY_INSPECT,
    MAY_NAME_PARCEL,
    MAY_RESUME,
    MAY_UPLOAD,
    Actor,
    Role,
)
from domain.refusals import Refusal, Why
from store import tokens
from store.session import Database


class By(SecurityBase):
    """The caller of a route that takes these roles only.

    `api.judgement` calls `judge` before anything else of the request is looked at; as a
    dependency it hands the caller on, and puts the scheme into OpenAPI.
    """

    def __init__(self, *roles: Role) -> None:
        self.roles = frozenset(roles)
        self.model = HTTPBearer(description="A token of `aftersales tokens issue`.")
        self.scheme_name = "token"

    def judge(self, database: Database, authorization: str | None) -> Actor:
        """Who holds the token. Raises Refusal: unauthenticated, forbidden."""
        scheme, _, secret = (authorization or "").partition(" ")
        if scheme.lower() != "bearer" or not secret.strip():
            raise Refusal(Why.UNAUTHENTICATED)
        with database.begin() as session:
            actor = tokens.holder(session, secret.strip())
        if actor is None:
            raise Refusal(Why.UNAUTHENTICATED)
        if actor.role not in self.roles:
            raise Refusal(Why.FORBIDDEN)
        return actor

    async def __call__(self, request: Request) -> Actor:
        actor: Actor = request.state.caller
        return actor


ByAnyone = Annotated[Actor, Depends(By(*Role))]
ByStaff = Annotated[Actor, Depends(By(*(role for role in Role if role.staff)))]
ByStorefront = Annotated[Actor, Depends(By(Role.STOREFRONT))]
ByDecider = Annotated[Actor, Depends(By(*MAY_DECIDE))]
ByCanceller = Annotated[Actor, Depends(By(*MAY_CANCEL))]
ByResumer = Annotated[Actor, Depends(By(*MAY_RESUME))]
ByStockkeeper = Annotated[Actor, Depends(By(*MAY_COUNT_STOCK))]
ByInspector = Annotated[Actor, Depends(By(*MAY_INSPECT))]
ByTechnician = Annotated[Actor, Depends(By(*MAY_DIAGNOSE))]
ByUploader = Annotated[Actor, Depends(By(*MAY_UPLOAD))]
ByEitherSide = Annotated[Actor, Depends(By(*MAY_CLOSE))]
ByParcelNamer = Annotated[Actor, Depends(By(*MAY_NAME_PARCEL))]
ByHandler = Annotated[Actor, Depends(By(*MAY_HANDLE))]
ByBuyer = Annotated[Actor, Depends(By(*MAY_ANSWER))]
