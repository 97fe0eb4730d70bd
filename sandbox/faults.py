"""What shall go wrong next? Faults ordered over `/_sandbox/faults`, each good for N requests."""

from enum import StrEnum
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

Party = Literal["payments", "bank", "carrier", "repair_shop"]
Operation = Literal["create", "retrieve", "list", "retrieve_charge"]


class Kind(StrEnum):
    ERROR_BEFORE = "error_before"  # 500, nothing executed, nothing saved
    ERROR_AFTER = "error_after"  # executed and saved as it is, answered with a 500
    STICKY_500 = "sticky_500"  # executed, and the key answers 500 for ever
    HANG_BEFORE = "hang_before"  # not executed; the key counts as in flight meanwhile
    HANG_AFTER = "hang_after"  # executed and saved, the answer held back
    RESET_AFTER = "reset_after"  # executed and saved, the connection reset
    GARBAGE = "garbage"  # executed and saved, answered with HTML
    WRONG_AMOUNT = "wrong_amount"  # executed as asked, the answer names another amount
    DECLINE = "decline"  # refused for good, and the refusal saved
    PENDING_THEN_SUCCEEDED = "pending_then_succeeded"
    PENDING_THEN_FAILED = "pending_then_failed"
    SUCCEEDED_THEN_REVERSED = "succeeded_then_reversed"
    TOO_MANY_REQUESTS = "too_many_requests"  # 429, nothing executed, nothing saved
    REFUSE = "refuse"  # 400 that gives no code, nothing executed, nothing saved
    UNAUTHORIZED = "unauthorized"  # 401, nothing executed, nothing saved


# These change what is executed, so a replay of something executed before does not use them up.
EXECUTION = frozenset(
    {
        Kind.STICKY_500,
        Kind.DECLINE,
        Kind.PENDING_THEN_SUCCEEDED,
        Kind.PENDING_THEN_FAILED,
        Kind.SUCCEEDED_THEN_REVERSED,
    }
)

# These are about money, which neither carriers nor repair shops move.
OF_MONEY = frozenset(
    {
        Kind.WRONG_AMOUNT,
        Kind.PENDING_THEN_SUCCEEDED,
        Kind.PENDING_THEN_FAILED,
        Kind.SUCCEEDED_THEN_REVERSED,
    }
)

# Longer than any client waits.
HANG_SECONDS = 30.0
TURN_SECONDS = 2.0
RETRY_AFTER_SECONDS = 1.0


class Fault(BaseModel):
    """An order for trouble: `times` requests of this party and operation, of matching metadata."""

    model_config = ConfigDict(extra="forbid")

    party: Party
    operation: Operation = "create"
    fault: Kind
    times: int = Field(default=1, ge=1)
    seconds: float | None = Field(default=None, ge=0)
    match: dict[str, str] | None = None

    @model_validator(mode="after")
    def _reading_executes_nothing(self) -> Self:
        if self.operation != "create" and self.fault in EXECUTION:
            raise ValueError(f"{self.fault} changes what is executed: operation must be create")
        return self

    @model_validator(mode="after")
    def _money_is_moved_by_those_who_have_it(self) -> Self:
        if self.party in ("carrier", "repair_shop") and self.fault in OF_MONEY:
            raise ValueError(f"{self.fault} is about money: party must be payments or bank")
        return self

    def matches(self, metadata: dict[str, str]) -> bool:
        return all(metadata.get(name) == value for name, value in (self.match or {}).items())


class Faults:
    """The faults still to come, oldest order first."""

    def __init__(self) -> None:
        self._armed: list[Fault] = []

    def arm(self, fault: Fault) -> None:
        self._armed.append(fault.model_copy())

    def clear(self) -> None:
        self._armed.clear()

    def armed(self) -> list[Fault]:
        return list(self._armed)

    def take(
        self, party: Party, operation: Operation, metadata: dict[str, str], *, replay: bool = False
    ) -> Fault | None:
        """The fault that this request meets, used up once; None when all is well."""
        for fault in self._armed:
            if (fault.party, fault.operation) != (party, operation):
                continue
            if (replay and fault.fault in EXECUTION) or not fault.matches(metadata):
                continue
            fault.times -= 1
            if not fault.times:
                self._armed.remove(fault)
            return fault
        return None
