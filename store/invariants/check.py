"""What is a check made of?"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    CRITICAL = "critical"
    HIGH = "high"


class Outside(StrEnum):
    """A party besides the database that a check asks."""

    BOOK = "book"
    GATEWAYS = "gateways"  # by `gateway_book`, which holds what their own lists said
    WORKFLOWS = "workflows"


@dataclass(frozen=True)
class Check:
    """One invariant: `sql` selects the rows that break it, `means` says what then is wrong."""

    id: str
    severity: Severity
    means: str
    sql: str
    needs: Outside | None = None
    party: str = ""
    """Whose part of the book it is about: `carrier`, `repair_shop`, or `original`, the gateway."""
    over: str = ""
    """What `sql` goes on from: common table expressions that several checks share."""
    keeps: Callable[[str], bool] | None = None
    """Its rows are candidates: those stay of whose `text`, which is never shown, this is true."""

    @property
    def query(self) -> str:
        """The whole statement, fit to be run by hand once its parameters are filled in."""
        return f"{self.over}{self.sql}"
