"""What is there to look at in the demo? Made-up sales and requests, dated back from now."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any

STOREFRONT = "demo"
NUMBER_OF_ORDERS = 36

# title, category, price in pence
GOODS = (
    ("Enamel kettle, sage", "kitchen", 4_900),
    ("Oak chopping board", "kitchen", 3_250),
    ("Linen apron", "kitchen", 2_800),
    ("Walnut desk lamp", "lighting", 8_900),
    ("Wool throw, heather", "home", 6_500),
    ("Stoneware mug, set of four", "kitchen", 3_600),
    ("Espresso machine", "appliances", 64_900),
    ("Noise-cancelling headphones", "electronics", 27_900),
    ("Trail running shoes", "shoes", 12_500),
    ("Merino base layer", "clothing", 5_400),
    ("Standing desk", "furniture", 89_000),
    ("Bamboo toothbrush, ten", "hygiene", 1_450),
)
CURRENCIES = ("EUR", "USD", "GBP", "JPY", "KWD", "GBP")
A_POUND_IS = {"JPY": 180, "KWD": 400}  # minor units, roughly; a hundred in the others

PARCEL = {"paid": 495, "tax": 0}
SPLIT, OFFLINE, COSTLY, DECLINED, LAST = "D-1001", "D-1002", "D-1003", "D-1004", "D-1014"

Json = dict[str, Any]


def orders(now: datetime) -> Iterator[tuple[str, Json]]:
    """Orders by id; a payment without a name has yet to be charged."""
    dice = Random(1)
    for number in range(NUMBER_OF_ORDERS):
        order_id = f"D-{1001 + number}"
        ordered = now - timedelta(days=2 + number % 20, hours=dice.randrange(24))
        currency = "GBP" if order_id <= DECLINED else CURRENCIES[number % len(CURRENCIES)]
        lines = [_line(n + 1, currency, dice) for n in range(dice.randint(1, 3))]
        if order_id == COSTLY:
            lines = [_line(1, currency, dice, good=10, quantity=2)]
        shipping = PARCEL if currency in ("GBP", "EUR", "USD") else {"paid": 0, "tax": 0}
        total = sum(line["paid"] for line in lines) + shipping["paid"]
        yield (
            order_id,
            {
                "currency": currency,
                "customer": {"id": customer(order_id), "locale": "en"},
                "ordered_at": ordered.isoformat(),
                "delivered_at": (ordered + timedelta(days=2)).isoformat(),
                "lines": lines,
                "shipping": shipping,
                "payments": _payments(order_id, total),
            },
        )


def customer(order_id: str) -> str:
    """Whose order it is: some have two or three."""
    return f"C{200 + int(order_id.removeprefix('D-')) % 17}"


def _line(
    number: int, currency: str, dice: Random, good: int | None = None, quantity: int | None = None
) -> Json:
    chosen = dice.randrange(len(GOODS)) if good is None else good
    title, category, price = GOODS[chosen]
    units = quantity or dice.randint(1, 3)
    paid = units * price * A_POUND_IS.get(currency, 100) // 100
    return {
        "line": number,
        "sku": f"G{chosen + 1:03d}",
        "title": title,
        "category": category,
        "quantity": units,
        "paid": paid,
        "tax": paid // 6,
    }


def _payments(order_id: str, total: int) -> list[Json]:
    card = {"payment": None, "provider": "stripe", "method": "card"}
    if order_id == OFFLINE:
        return [{"payment": "till-77", "provider": "offline", "method": "cash", "captured": total}]
    if order_id == SPLIT:
        gift = total // 3
        return [
            {**card, "captured": gift, "method": "gift_card"},
            {**card, "captured": total - gift},
        ]
    return [{**card, "captured": total}]


@dataclass(frozen=True)
class Story:
    """One request and what has happened to it: who approved it, or how it ended."""

    order_id: str
    reason: str
    note: str = ""
    quantity: int = 1
    fields: Json = field(default_factory=dict)
    approvers: tuple[str, ...] = ()
    then: str = ""


CARD = {"payout_to": {"kind": "bank_card", "token": "card_of_the_demo", "last4": "4242"}}
CREDIT = {"payout_to": {"kind": "store_credit"}}
SHIPPING = {"include_shipping": True}

STORIES = (
    Story(COSTLY, "defective", "both desks wobble", 2, approvers=("lead",)),
    Story("D-1005", "wrong_item", "card was closed meanwhile", fields=CARD, approvers=("auditor",)),
    Story(DECLINED, "damaged", "cracked on arrival", approvers=("lead",)),
    Story(OFFLINE, "damaged", "bought in the shop", approvers=("lead",)),
    Story("D-1006", "late", "came after the birthday", fields=SHIPPING, approvers=("lead",)),
    Story("D-1007", "changed_mind", fields=CREDIT, approvers=("lead",)),
    Story("D-1008", "other", "third request this month", then="reject"),
    Story("D-1009", "changed_mind", "keeps it after all", then="cancel"),
    Story(SPLIT, "damaged", "paid with a gift card and a card", fields=SHIPPING),
    Story("D-1010", "size_or_fit"),
    Story("D-1011", "missing_parts", "no lid"),
    Story("D-1012", "not_as_described", "another shade of green"),
    Story("D-1013", "defective", "hums"),
    Story(LAST, "other", "goodwill is enough", fields={"amount": 500}),
)
"""The last one also tells that all of them are there."""
