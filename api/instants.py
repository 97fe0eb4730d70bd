"""How are times written? RFC 3339 in UTC, everywhere the same."""

from datetime import UTC, datetime
from typing import Annotated

from pydantic import Field, PlainSerializer


def _zulu(at: datetime) -> str:
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")


Instant = Annotated[
    datetime, PlainSerializer(_zulu, when_used="json"), Field(examples=["2026-11-23T07:00:00Z"])
]
"""RFC 3339, UTC."""
