"""The tables: what PostgreSQL itself refuses, whatever the code above forgets.

Money is bigint minor units, time is timestamptz. Statuses are text under a CHECK. Every business
table carries the storefront. Triggers that SQLAlchemy cannot say (append-only, zero-sum ledger)
are in the first migration.
"""

from store.tables.bills import Bill, CaseReplacement
from store.tables.cases import Case, CaseEvent, CaseLine, Claim, Decision, Resume, UnitCredit
from store.tables.declared import Table
from store.tables.delivery import IdempotencyKey, Inbox, Outbox
from store.tables.goods import Effect, Inspection, InspectionLine, Offer, Parcel, ParcelReport
from store.tables.orders import Order, OrderLine, Payment
from store.tables.payouts import LedgerPosting, Payout, PayoutAttempt
from store.tables.people import Storefront, Token, TokenLimit
from store.tables.repairs import Diagnosis, Repair, RepairQuote
from store.tables.stock import Stock, StockHold, StockMove

__all__ = [
    "Bill",
    "Case",
    "CaseEvent",
    "CaseLine",
    "CaseReplacement",
    "Claim",
    "Decision",
    "Diagnosis",
    "Effect",
    "IdempotencyKey",
    "Inbox",
    "Inspection",
    "InspectionLine",
    "LedgerPosting",
    "Offer",
    "Order",
    "OrderLine",
    "Outbox",
    "Parcel",
    "ParcelReport",
    "Payment",
    "Payout",
    "PayoutAttempt",
    "Repair",
    "RepairQuote",
    "Resume",
    "Stock",
    "StockHold",
    "StockMove",
    "Storefront",
    "Table",
    "Token",
    "TokenLimit",
    "UnitCredit",
]
