"""How is a product rated?"""

from fastapi import APIRouter

from api.auth import ByAnyone
from api.context import InContext
from api.figures import StarsAnswer, stars_answer
from api.ids import Sku
from api.judgement import Route
from api.problems import refusals
from api.scope import OfStorefront, storefront_for
from domain.ratings import Tally
from store.submissions import ratings

router = APIRouter(route_class=Route, prefix="/v1/products", tags=["reviews"])


class RatingAnswer(StarsAnswer):
    """Fractions are rounded to six places."""

    sku: str


@router.get("/{sku}/rating", responses=refusals())
def read_rating(
    sku: Sku, caller: ByAnyone, context: InContext, storefront: OfStorefront = None
) -> RatingAnswer:
    """What the published reviews of a product add up to, as of the last one; what nobody has
    reviewed has a count of 0. Staff name the storefront.
    """
    of = storefront_for(caller, storefront)
    with context.database.snapshot() as session:
        tally = ratings.read(session, of, sku) if of else Tally()
    return RatingAnswer(sku=sku, **dict(stars_answer(tally, context.policy.ratings)))
