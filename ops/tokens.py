"""Who may call? Tokens are issued, listed and revoked here, on the database alone."""

import json
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from api.currencies import IN_USE
from domain.people import Role
from ops import revocations
from ops.failures import Failed
from store import tokens
from store.session import Database
from store.tables import Token

NAME = re.compile(r"[A-Za-z0-9._-]{1,64}")
LIMIT = re.compile(r"([A-Z]{3})=(\d{1,15})")


def issue(
    database: Database, role: Role, name: str, storefront: str | None, limits: list[str]
) -> str:
    """A new token's secret, told this once. `limits` are `GBP=50000`, in minor units."""
    if not NAME.fullmatch(name):
        raise Failed("a name is 1 to 64 letters, digits, dots, dashes and underscores")
    if (role is Role.STOREFRONT) != (storefront is not None):
        raise Failed("--storefront goes with the role storefront, and with no other")
    if storefront is not None and not NAME.fullmatch(storefront):
        raise Failed("a storefront is 1 to 64 letters, digits, dots, dashes and underscores")
    try:
        with database.begin() as session:
            return tokens.issue(session, name, role, storefront=storefront, limits=_limits(limits))
    except tokens.NameTaken:
        raise Failed(f"there is a token named {name}; names are unique for good") from None


def _limits(texts: list[str]) -> dict[str, int]:
    limits: dict[str, int] = {}
    for text in texts:
        parsed = LIMIT.fullmatch(text)
        if parsed is None:
            raise Failed(f"a limit is written GBP=50000, in minor units, not {text}")
        currency, amount = parsed.groups()
        if currency not in IN_USE:
            raise Failed(f"{currency} is no currency in use today")
        if currency in limits:
            raise Failed(f"there are two limits in {currency}")
        limits[currency] = int(amount)
    return limits


def revoke(database: Database, name: str, kept_in: Path | None = None) -> None:
    """From now on the token opens nothing, and approvals under it no longer count; also in a
    database that is restored, by the file `kept_in`.
    """
    now = datetime.now(UTC)
    with database.begin() as session:
        if not tokens.revoke(session, name, now):
            raise Failed(f"there is no token named {name}")
        if kept_in is not None:  # before the commit: what is not written down is not revoked
            revocations.append(kept_in, name, now)


def show(database: Database, *, as_json: bool) -> None:
    """Print all tokens: what they are, never what they hold."""
    with database.begin() as session:
        rows = [_row(token, limits) for token, limits in tokens.everyone(session)]
    if as_json:
        print(json.dumps(rows))
        return
    console = Console(highlight=False, markup=False, soft_wrap=True)
    table = Table("name", "role", "storefront", "limits", "issued_at", "revoked_at", box=None)
    for row in rows:
        limits = " ".join(f"{currency}={amount}" for currency, amount in row["limits"].items())
        cells = [str(value or "") for value in (row | {"limits": limits}).values()]
        if console.is_terminal:
            table.add_row(*cells)
        else:
            console.print("\t".join(cells))
    if console.is_terminal:
        console.print(table)


def _row(token: Token, limits: dict[str, int]) -> dict[str, Any]:
    return {
        "name": token.name,
        "role": token.role,
        "storefront": token.storefront,
        "limits": limits,
        "issued_at": _zulu(token.issued_at),
        "revoked_at": _zulu(token.revoked_at) if token.revoked_at else None,
    }


def _zulu(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
