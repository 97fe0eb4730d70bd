"""Every business refusal, once: its slug, its HTTP status and what it means to a caller.

The slug is the `type` of the problem document, the `code` of a refused signal's event and the
name that documentation uses.
"""

from enum import Enum
from typing import Any


class Why(Enum):
    """(slug, HTTP status, title)."""

    UNAUTHENTICATED = ("unauthenticated", 401, "A valid bearer token is required")
    FORBIDDEN = ("forbidden", 403, "This role may never do that")
    NOT_FOUND = ("not-found", 404, "There is no such route")
    METHOD_NOT_ALLOWED = ("method-not-allowed", 405, "The route does not take this method")
    BAD_CURSOR = ("bad-cursor", 400, "The cursor is not one of ours")
    KEY_REQUIRED = (
        "idempotency-key-required",
        400,
        "An Idempotency-Key of 8 to 255 visible ASCII characters is required",
    )
    KEY_REUSED = ("idempotency-key-reused", 422, "The Idempotency-Key was used for another body")
    KEY_IN_USE = ("idempotency-key-in-use", 409, "A request with this key is still running")
    INVALID = ("invalid", 422, "The request is not of the documented form")
    TOO_LARGE = ("too-large", 413, "The body is larger than this route takes")
    UNAVAILABLE = ("unavailable", 503, "The service cannot answer right now")
    INTERNAL = ("internal", 500, "Something went wrong on our side")
    CARD_NUMBER = ("card-number-refused", 422, "Card numbers are not accepted in any text")
    SIGNATURE_INVALID = ("signature-invalid", 401, "The webhook's signature does not hold")

    ORDER_NOT_FOUND = ("order-not-found", 404, "There is no such order")
    ORDER_UNBALANCED = (
        "order-does-not-balance",
        422,
        "Lines and shipping do not add up to what was captured",
    )
    ORDER_FROZEN = ("order-frozen", 409, "The order can no longer change in this")

    CHARGE_NOT_FOUND = ("charge-not-found", 404, "No workflow has read such a charge")
    CHARGE_IN_USE = (
        "charge-in-use",
        409,
        "Money of the charge is on its way for another storefront",
    )
    STOREFRONT_NOT_FOUND = ("storefront-not-found", 404, "There is no such storefront")
    SKU_NOT_FOUND = ("sku-not-found", 404, "No warehouse has had this SKU")
    STOCK_HELD = ("stock-held", 409, "More pieces are held for cases than would be on hand")
    STOCK_CONDITION = ("stock-condition", 409, "The warehouse has this SKU in another condition")

    RAW_SIGNALS_OFF = (
        "raw-signals-off",
        403,
        "Signals sent by hand are not taken here: use the API",
    )

    CASE_NOT_FOUND = ("case-not-found", 404, "There is no such case")
    LINE_REPEATED = ("line-repeated", 422, "A line is named twice")
    UNKNOWN_LINE = ("unknown-line", 422, "The order has no such line")
    UNITS_NOT_AVAILABLE = ("units-not-available", 409, "Fewer units are free than asked for")
    NOT_ELIGIBLE = ("not-eligible", 422, "The policy does not allow this case")
    AMOUNT_TOO_HIGH = ("amount-too-high", 422, "The amount is above the entitlement")
    NOTHING_TO_REFUND = ("nothing-to-refund", 422, "There is nothing left to refund")
    SHIPPING_NOT_REFUNDABLE = ("shipping-not-refundable", 422, "Shipping is not refunded here")
    AMOUNT_NOT_EXPRESSIBLE = (
        "amount-not-expressible",
        422,
        "The gateway cannot move this amount of this currency",
    )
    PAYOUT_NOT_POSSIBLE = ("payout-not-possible", 422, "Nothing captured is left to pay from")

    ALREADY_DECIDED = ("already-decided", 409, "The case was decided already")
    VERSION_CONFLICT = ("version-conflict", 409, "The case has changed since it was read")
    OVER_LIMIT = ("over-limit", 403, "The amount is above your approval limit")
    FOUR_EYES = ("four-eyes", 403, "A second, different person has to approve")
    DECISION_ID_REUSED = ("decision-id-reused", 422, "The decision_id names another decision")
    RESUME_ID_REUSED = ("resume-id-reused", 422, "The resume_id names another resume")
    CASE_CLOSED = ("case-closed", 409, "The case is closed")
    TOO_LATE = ("too-late", 409, "The case can no longer be cancelled")
    NO_LABEL = ("no-label", 409, "No parcel is to come for this case")
    NOT_PARKED = ("not-parked", 409, "The case does not wait for an operator")
    NOT_IN_DOUBT = ("not-in-doubt", 409, "It is known what became of that")
    NOT_AWAITED = ("not-awaited", 409, "The case does not wait for that")
    ALREADY_INSPECTED = ("already-inspected", 409, "The goods were inspected already")
    INSPECTION_ID_REUSED = (
        "inspection-id-reused",
        422,
        "The inspection_id names another inspection",
    )
    ALREADY_OFFERED = ("already-offered", 409, "An offer was made already")
    OFFER_ID_REUSED = ("offer-id-reused", 422, "The offer_id names another offer")
    ALREADY_ANSWERED = ("already-answered", 409, "The offer was answered already")
    NOT_COVERED = ("not-covered", 422, "The warranty of the line is over")
    UNKNOWN_SERIAL = ("unknown-serial", 422, "No unit with this serial was sold in that line")
    WRONG_SERIAL = ("wrong-serial", 422, "The unit that leaves is not the one that came")
    SERIAL_IN_USE = ("serial-in-use", 409, "Another open case has the unit with this serial")
    DIAGNOSIS_ID_REUSED = (
        "diagnosis-id-reused",
        422,
        "The diagnosis_id names another diagnosis",
    )
    ALREADY_REPAIRED = ("already-repaired", 409, "The unit was repaired already")
    PARCEL_KNOWN = ("parcel-known", 409, "This tracking number belongs to another parcel")
    PARCEL_UNDERWAY = (
        "parcel-underway",
        409,
        "Its carrier has had the parcel, so its number stands",
    )
    UNKNOWN_PARCEL = ("unknown-parcel", 422, "The case has no such parcel of its buyer's")
    NOT_POSTED = ("not-posted", 409, "No carrier has had the parcel in its hands")
    PAYOUT_IN_DOUBT = (
        "payout-in-doubt",
        409,
        "The gateway has not yet said what became of a payout",
    )

    NOT_AN_IMAGE = ("not-an-image", 422, "The body is no JPEG, PNG or WebP that can be drawn")
    IMAGE_TOO_BIG = ("image-too-big", 422, "The image has more pixels than are taken")
    UPLOAD_NOT_FOUND = ("upload-not-found", 404, "There is no such upload")
    UNKNOWN_UPLOAD = ("unknown-upload", 422, "There is no such upload of this storefront")
    REVIEW_NOT_FOUND = ("review-not-found", 404, "There is no such review")
    FEEDBACK_NOT_FOUND = ("feedback-not-found", 404, "There is no such feedback")
    FEEDBACK_CLOSED = ("feedback-closed", 409, "The feedback is closed")
    NOT_LET_IN = ("not-let-in", 409, "The feedback waits for its audit")
    CASE_OPEN = ("case-open", 409, "The case is not closed yet")
    ALREADY_RATED = ("already-rated", 409, "The customer was asked already, and said")
    NOT_BOUGHT = ("not-bought", 422, "This customer has not bought that line")
    ALREADY_REVIEWED = ("already-reviewed", 409, "The line has a review already")
    ON_HOLD = ("on-hold", 409, "The review waits until the case of its line is closed")
    REVIEW_WITHDRAWN = ("review-withdrawn", 409, "The review was withdrawn")
    NOT_REFUSED = ("not-refused", 409, "Nothing was refused that could be appealed for")
    ALREADY_APPEALED = ("already-appealed", 409, "There was an appeal already")
    TOO_LATE_TO_APPEAL = ("too-late-to-appeal", 409, "The time for an appeal is over")
    NOT_PUBLISHED = ("not-published", 409, "Nobody can see the review at present")
    OWN_REVIEW = ("own-review", 409, "Nobody votes for their own review")
    ALREADY_REPLIED = ("already-replied", 409, "The shop has replied already")

    def __init__(self, slug: str, status: int, title: str) -> None:
        self.slug, self.status, self.title = slug, status, title


class Refusal(Exception):
    """A request that the rules refuse. Nothing was changed.

    `detail` is shown to the caller and holds ids, codes and amounts only; `extra` are further
    members of the problem document.
    """

    def __init__(self, why: Why, detail: str | None = None, **extra: Any) -> None:
        super().__init__(why.slug)
        self.why = why
        self.detail = detail or why.title
        self.extra = extra
