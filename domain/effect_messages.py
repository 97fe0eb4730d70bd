"""What a person states about an effect whose party does not answer."""

from enum import StrEnum
from typing import Any

from domain.messages import Message, Note, OutsideId, Title


class Statement(StrEnum):
    """`ask`: ask the party again. `done` and `never`: what the party's own books show."""

    ASK = "ask"
    DONE = "done"
    NEVER = "never"


class EffectStatement(Message):
    """`done` names the party's `reference`; of a parcel also by whom and under which number it
    travels, where that is not the carrier and the number that the reference is.
    """

    action: Statement
    reference: Title | None = None
    carrier: OutsideId | None = None
    tracking_number: OutsideId | None = None
    note: Note

    def model_post_init(self, _: Any) -> None:
        if (self.action is Statement.DONE) != (self.reference is not None):
            raise ValueError("done, and only done, takes a reference")
        if self.action is not Statement.DONE and (self.carrier or self.tracking_number):
            raise ValueError("only what is done has a carrier and a tracking number")
