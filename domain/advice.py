"""What are auditors told of a text beside the text itself? People read it, rules never do.

It holds no word of what anybody wrote: only kinds, scores, ids, and where in the text.
"""

from dataclasses import dataclass, field
from enum import StrEnum
from uuid import UUID

from domain.messages import Reason


class Subject(StrEnum):
    """What bears a text that auditors judge."""

    CASE = "case"
    REVIEW = "review"


class Tone(StrEnum):
    POSITIVE = "positive"
    NEUTRAL = "neutral"
    NEGATIVE = "negative"


class ContactKind(StrEnum):
    LINK = "link"
    EMAIL = "email"
    PHONE = "phone"
    WECHAT = "wechat"
    QQ = "qq"
    WHATSAPP = "whatsapp"


@dataclass(frozen=True)
class Written:
    """A text, and what it belongs to."""

    kind: Subject
    id: UUID
    text: str


@dataclass(frozen=True)
class Question:
    """A text to advise on. What it is compared with was chosen by whoever asks."""

    text: str
    stars: int | None = None
    by_others: list[Written] = field(default_factory=list)
    """What other accounts wrote: looked through for the same text."""
    earlier: list[Written] = field(default_factory=list)
    """What was written before about the same goods: looked through for the same complaint."""


@dataclass(frozen=True)
class Language:
    """An ISO 639-1 code, or `unknown` where the text is too short to tell."""

    code: str
    probability: float


@dataclass(frozen=True)
class Sentiment:
    """`positive` is how likely the text praises, from 0 to 1."""

    tone: Tone
    positive: float
    against_stars: bool
    """Praise with 1 or 2 stars, or blame with 4 or 5."""


@dataclass(frozen=True)
class LikelyReason:
    """The reason whose `phrase` is nearest to what stands in the text from `start` to `end`."""

    reason: Reason
    score: float
    phrase: str
    start: int
    end: int


@dataclass(frozen=True)
class Alike:
    """Something whose text is the same, or says the same; `score` is 1 where they are equal."""

    kind: Subject
    id: UUID
    score: float


@dataclass(frozen=True)
class Contact:
    """Characters `start` to `end` of the text are a way to reach somebody outside the shop."""

    kind: ContactKind
    start: int
    end: int


@dataclass(frozen=True)
class SamePhoto:
    """A photo of it that something else shows as well; `distance` is in bits of 64, 0 for the same
    picture.
    """

    upload_id: UUID
    kind: Subject
    id: UUID
    distance: int


@dataclass(frozen=True)
class Advice:
    """Everything that could be said; `failed` names the parts that could not be worked out."""

    language: Language | None = None
    sentiment: Sentiment | None = None
    reason: LikelyReason | None = None
    duplicates: list[Alike] = field(default_factory=list)
    similar: list[Alike] = field(default_factory=list)
    contacts: list[Contact] = field(default_factory=list)
    photos: list[SamePhoto] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
