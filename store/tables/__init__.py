"""The tables: what PostgreSQL itself refuses, whatever the code above forgets.

Money is bigint minor units, time is timestamptz. Statuses are text under a CHECK. Every business
table carries the storefront. Triggers that SQLAlchemy cannot say (append-only, zero-sum ledger)
are in the first migration.
"""

from store.tables.advice import AdviceGiven
from store.tables.approvals import Approval
from store.tables.bills import Bill, CaseReplacement
from store.tables.cases import Case, CaseEvent, CaseLine, Claim, Decision, Resume, UnitCredit
from store.tables.charges import Charge, ChargeAssignment, GatewayEntry
from store.tables.declared import Table
from store.tables.delivery import IdempotencyKey, Inbox, Outbox
from store.tables.feedback import Feedback, FeedbackMessage
from store.tables.goods import (
    Arrival,
    Effect,
    EffectResolution,
    Inspection,
    InspectionLine,
    Offer,
    Parcel,
    ParcelReport,
)
from store.tables.orders import Order, OrderLine, Payment
from store.tables.payouts import LedgerPosting, Payout, PayoutAttempt, SettledDoubt
from store.tables.people import Storefront, Token, TokenLimit
from store.tables.ratings import RatingDay, RatingTotal, SatisfactionDay
from store.tables.reconciliation import GatewayDifference, GatewayReading, PayoutHold
from store.tables.repairs import Diagnosis, Repair, RepairQuote, SerialClaim
from store.tables.stock import Stock, StockHold, StockMove
from store.tables.submissions import (
    Review,
    ReviewVersion,
    ReviewVote,
    Submission,
    SubmissionDecision,
    SubmissionEvent,
)
from store.tables.uploads import DiscardedUpload, Subject, Upload, UploadUse

__all__ = [
    "AdviceGiven",
    "Approval",
    "Arrival",
    "Bill",
    "Case",
    "CaseEvent",
    "CaseLine",
    "CaseReplacement",
    "Charge",
    "ChargeAssignment",
    "Claim",
    "Decision",
    "Diagnosis",
    "DiscardedUpload",
    "Effect",
    "EffectResolution",
    "Feedback",
    "FeedbackMessage",
    "GatewayDifference",
    "GatewayEntry",
    "GatewayReading",
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
    "PayoutHold",
    "RatingDay",
    "RatingTotal",
    "Repair",
    "RepairQuote",
    "Resume",
    "Review",
    "ReviewVersion",
    "ReviewVote",
    "SatisfactionDay",
    "SerialClaim",
    "SettledDoubt",
    "Stock",
    "StockHold",
    "StockMove",
    "Storefront",
    "Subject",
    "Submission",
    "SubmissionDecision",
    "SubmissionEvent",
    "Table",
    "Token",
    "TokenLimit",
    "UnitCredit",
    "Upload",
    "UploadUse",
]
