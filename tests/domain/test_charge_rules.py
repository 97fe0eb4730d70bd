"""Whose is the money that left a charge? Never fewer people's than took it."""

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from domain.charges import (
    Books,
    ChargeFacts,
    Mismatch,
    Whose,
    Withdrawal,
    amount_of,
    mismatches,
    mismatches_in,
    whose,
)

KEYS = st.sampled_from(["as1-a-1", "as1-b-1", "as1-c-1", None])
AMOUNTS = st.integers(1, 3)
STATUSES = ["succeeded", "pending", "requires_action", "failed", "canceled", "unheard_of"]


@st.composite
def withdrawals(draw: st.DrawFn) -> tuple[Withdrawal, ...]:
    ways = draw(st.lists(st.sampled_from(["original", "dispute"]), max_size=6))
    return tuple(
        Withdrawal(
            id=f"re_{n}",
            way=way,
            amount=draw(AMOUNTS),
            currency="GBP",
            status=draw(st.sampled_from(STATUSES if way == "original" else ["lost", "won", "new"])),
            created_at=datetime(2026, 11, 24, tzinfo=UTC),
            key=draw(KEYS) if way == "original" else None,
        )
        for n, way in enumerate(ways)
    )


books = st.builds(
    Books,
    owner=st.sampled_from(["demo", "other", None]),
    ours=st.dictionaries(st.sampled_from(["as1-a-1", "as1-b-1"]), AMOUNTS),
    accepted=st.dictionaries(st.sampled_from(["re_0", "re_1"]), AMOUNTS),
)


def facts_of(taken: tuple[Withdrawal, ...], currency: str = "GBP") -> ChargeFacts:
    return ChargeFacts(
        charge="ch_1", intent=None, currency=currency, captured=10, withdrawals=taken
    )


@given(withdrawals(), books)
def test_all_that_left_is_somebodys_and_ours_is_never_more_than_our_books_have(
    taken: tuple[Withdrawal, ...], known: Books
) -> None:
    facts = facts_of(taken)
    found = whose(facts, known)
    left = sum(each.amount for each in taken if each.took_money)
    assert sum(amount_of(facts, found, whom) for whom in Whose) == left
    assert amount_of(facts, found, Whose.OURS) <= sum(known.ours.values())
    assert amount_of(facts, found, Whose.ACCEPTED) <= sum(known.accepted.values())


@given(withdrawals(), books, st.sampled_from(["GBP", "INR"]))
def test_money_may_leave_only_where_all_that_left_is_known(
    taken: tuple[Withdrawal, ...], known: Books, currency: str
) -> None:
    facts = facts_of(taken, currency)
    why = mismatches(facts, known, storefront="demo", currency="GBP")
    foreign = amount_of(facts, whose(facts, known), Whose.FOREIGN)
    safe = currency == "GBP" and known.owner != "other" and not facts.disputed and not foreign
    assert (why == []) is safe
    assert mismatches_in(" ".join(why)) == why
    assert (Mismatch.FOREIGN_REFUNDS in why) is (foreign > 0)
