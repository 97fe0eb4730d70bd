"""Who acts on a case, and who may do what."""

from dataclasses import dataclass, field
from enum import StrEnum


class Role(StrEnum):
    STOREFRONT = "storefront"
    AUDITOR = "auditor"
    LEAD = "lead"
    WAREHOUSE = "warehouse"
    TECHNICIAN = "technician"
    OPERATOR = "operator"

    @property
    def staff(self) -> bool:
        return self is not Role.STOREFRONT


MAY_DECIDE = frozenset({Role.AUDITOR, Role.LEAD})
MAY_RESUME = frozenset({Role.OPERATOR, Role.LEAD})
MAY_CANCEL = frozenset({Role.STOREFRONT})
MAY_INSPECT = frozenset({Role.WAREHOUSE})
MAY_KEEP = frozenset({Role.LEAD})
MAY_HANDLE = MAY_INSPECT | MAY_KEEP
"""Of goods that no case waits for: who may keep them, and who may send them back."""
MAY_UPLOAD = frozenset({Role.STOREFRONT, Role.WAREHOUSE})
"""Whoever has something to put a photo to: an evidence or review, an inspection."""
MAY_DIAGNOSE = frozenset({Role.TECHNICIAN})
MAY_ANSWER = frozenset({Role.STOREFRONT})
MAY_NAME_PARCEL = MAY_ANSWER | {Role.LEAD}
MAY_CLOSE = MAY_ANSWER | MAY_DECIDE
MAY_COUNT_STOCK = frozenset({Role.WAREHOUSE, Role.OPERATOR})


class Channel(StrEnum):
    """The way a message came: by the API, whose token says who sent it, or by a signal sent to
    Temporal by hand, which names its sender itself.
    """

    API = "api"
    TEMPORAL = "temporal"


@dataclass(frozen=True)
class Actor:
    """A token's holder. `limits` is the most they may approve, in minor units by currency."""

    name: str
    role: Role
    storefront: str | None = None
    limits: dict[str, int] = field(default_factory=dict)
    channel: Channel = Channel.API

    @property
    def kind(self) -> str:
        return self.role.value

    def limit(self, currency: str) -> int | None:
        """The most they may approve at once, in minor units; None for a lead without any limit, who
        is unlimited. Otherwise no limit in a currency means 0.
        """
        if self.role is Role.LEAD and not self.limits:
            return None
        return self.limits.get(currency, 0)

    def may_approve(self, amount: int, currency: str) -> bool:
        """True if the amount by itself is within the limit."""
        limit = self.limit(currency)
        return limit is None or amount <= limit


@dataclass(frozen=True)
class Automatic:
    """What acts without a person: the policy, a gateway, a carrier, or the platform itself."""

    name: str
    kind: str
    channel: Channel | None = None


SYSTEM = Automatic("aftersales", "system")
GATEWAY = Automatic("gateway", "gateway")
CARRIER = Automatic("carrier", "carrier")
REPAIR_SHOP = Automatic("repair_shop", Role.TECHNICIAN)
POLICY = Automatic("policy", "policy")
