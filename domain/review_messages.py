"""Every message about a review: what buyers say of a line that they bought, and what is answered.

`customer_id` is whose word it is: the storefront speaks for its customers.
"""

from enum import StrEnum
from typing import Annotated

from pydantic import Field, StringConstraints

from domain.messages import Message, Note, OutsideId, Photos, Version
from domain.texts import COMPOSED, FREE_TEXT, LONGEST, VISIBLE

Stars = Annotated[int, Field(strict=True, ge=1, le=5)]
"""Whole stars: no 4.5, not even 4.0."""

Said = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=LONGEST),
    COMPOSED,
    FREE_TEXT,
    VISIBLE,
]

ReviewPhotos = Annotated[Photos, Field(max_length=9)]


class _Words(Message):
    customer_id: OutsideId
    stars: Stars
    content: Said
    photos: ReviewPhotos = []
    anonymous: Annotated[bool, Field(strict=True)] = False


class ReviewRequest(_Words):
    """A new review of one line of an order."""

    order_id: OutsideId
    line: Annotated[int, Field(strict=True, ge=1, le=10**6)]


class ReviewEdit(_Words):
    """The whole review as it is to be from now on; audited again."""

    version: Version | None = None


class ByCustomer(Message):
    """Something that one customer does, and nothing more has to be said."""

    customer_id: OutsideId


class Appeal(Message):
    customer_id: OutsideId
    note: Note = ""


class Reply(Message):
    """The shop's own word under a review."""

    content: Said


class ReviewFault(StrEnum):
    """Why a review or feedback is refused. Its author is told."""

    OFFENSIVE = "offensive"
    OFF_TOPIC = "off_topic"
    PERSONAL_DATA = "personal_data"
    ADVERTISING = "advertising"
    FAKE = "fake"
    DUPLICATE = "duplicate"
    ILLEGAL = "illegal"
    OTHER = "other"


class Publish(Message):
    """Approve what was said, as it stands."""

    decision_id: OutsideId | None = None
    version: Version | None = None
    note: Note = ""


class Refuse(Message):
    """Reject it. Its author sees `reason` and `note`."""

    decision_id: OutsideId | None = None
    version: Version | None = None
    reason: ReviewFault
    note: Note = ""


SUBMISSION_SIGNALS: dict[str, type[Publish] | type[Refuse]] = {
    "approve": Publish,
    "reject": Refuse,
}
"""The signals that a review or feedback understands, as a case understands its own."""
