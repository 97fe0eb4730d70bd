"""Every message about feedback: what buyers say of the shop or of a case, and what is answered.

`customer_id` is whose word it is: the storefront speaks for its customers.
"""

from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field, StringConstraints

from domain.messages import CaseRequest, Message, OutsideId, Title, Version
from domain.review_messages import ReviewPhotos, ReviewRequest, Said, Stars
from domain.texts import COMPOSED, FREE_TEXT, VISIBLE

Contact = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=200),
    COMPOSED,
    FREE_TEXT,
    VISIBLE,
]
"""Where the buyer wants to be answered. Personal: shown to who answers, and told nobody else."""


class Category(StrEnum):
    PRODUCT = "product"
    DELIVERY = "delivery"
    SERVICE = "service"
    WEBSITE = "website"
    PRICE = "price"
    SATISFACTION = "satisfaction"
    OTHER = "other"


class FeedbackRequest(Message):
    """About the shop, or about one of the customer's orders or cases."""

    customer_id: OutsideId
    category: Category
    subject: Title
    content: Said
    contact: Contact | None = None
    order_id: OutsideId | None = None
    case_id: UUID | None = None

    def model_post_init(self, _: Any) -> None:
        if self.category is Category.SATISFACTION:
            raise ValueError("how content a buyer is with a case is said of the case")
        if self.order_id is not None and self.case_id is not None:
            raise ValueError("about an order or about a case, which is of one order")


class Satisfaction(Message):
    """How content the buyer is with a case that is closed: 1 not at all, 5 wholly."""

    customer_id: OutsideId
    score: Stars
    content: Said | None = None


class Answer(Message):
    """The shop's word. `version` is that of the feedback as it was read."""

    version: Version | None = None
    content: Said


class BuyerWord(Message):
    """The buyer's next word."""

    customer_id: OutsideId
    content: Said


class Close(Message):
    """Nothing more is to be said. `customer_id` is who says so, if the buyer does."""

    customer_id: OutsideId | None = None


class ReviewOfFeedback(Message):
    """The review that feedback is to become; without `content` it says what the feedback says."""

    order_id: OutsideId
    line: Annotated[int, Field(strict=True, ge=1, le=10**6)]
    stars: Stars
    content: Said | None = None
    photos: ReviewPhotos = []
    anonymous: Annotated[bool, Field(strict=True)] = False

    def of(self, customer_id: str, said: str) -> ReviewRequest:
        """The same as a review that this customer hands in."""
        fields = self.model_dump() | {"content": self.content or said, "customer_id": customer_id}
        return ReviewRequest.model_validate(fields)


class Conversion(Message):
    """What feedback becomes: a case, asked for as ever, or a review."""

    case: CaseRequest | None = None
    review: ReviewOfFeedback | None = None

    def model_post_init(self, _: Any) -> None:
        if (self.case is None) == (self.review is None):
            raise ValueError("either a case or a review")

    @property
    def order_id(self) -> str:
        wanted = self.case or self.review
        assert wanted
        return wanted.order_id
