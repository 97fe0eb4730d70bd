"""An id that a client gave names one message of one case: the same again is heard once, and
anything else under it is refused and changes nothing.
"""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest

from store import events
from tests.shop import NOW
from tests.store.bench import COVERED, HOPELESS, Bench
from tests.store.dock import Dock
from tests.store.till import Till, refused

Word = Callable[[Bench, UUID, dict[str, Any]], Any]

COUNT: dict[str, Any] = {"line": 1, "received": 2, "accepted": 1, "reason": "worn"}
COUNT |= {"disposition": "restock", "grade": "B"}


@pytest.fixture
def bench(till: Till) -> Bench:
    return Bench(till)


def arrived(dock: Dock, order_id: str = "o1") -> UUID:
    """A return of two units, at the warehouse."""
    return dock.collected(dock.approved(order_id=order_id), f"TRK-{order_id}")


def counted(dock: Dock, order_id: str = "o1") -> UUID:
    """The same, and nothing was accepted."""
    case_id = arrived(dock, order_id)
    dock.inspect(case_id, 2, 0)
    return case_id


def asked(bench: Bench, order_id: str = "o1") -> UUID:
    bench.sold(order_id)
    return bench.asked(order_id)


def count(bench: Bench, case_id: UUID, fields: dict[str, Any]) -> Any:
    line = COUNT | fields.get("line", {})
    unlisted = fields.get("unlisted", [])
    return bench.count(case_id, [line], inspection_id="word-1", unlisted=unlisted)


def offer(bench: Bench, case_id: UUID, fields: dict[str, Any]) -> Any:
    return bench.offer(case_id, **{"amount": 300, "offer_id": "word-1", **fields})


def diagnose(bench: Bench, case_id: UUID, fields: dict[str, Any]) -> Any:
    return bench.diagnose(case_id, {**COVERED, "diagnosis_id": "word-1", **fields})


WORDS: dict[str, tuple[Callable[[Bench, str], UUID], Word]] = {
    "inspection": (arrived, count),
    "offer": (counted, offer),
    "diagnosis": (asked, diagnose),
}
each_word = pytest.mark.parametrize("name", WORDS)


@each_word
def test_the_same_word_again_changes_nothing(bench: Bench, name: str) -> None:
    prepare, say = WORDS[name]
    case_id = prepare(bench, "o1")
    version = say(bench, case_id, {}).version
    assert say(bench, case_id, {}).version == version


@each_word
def test_an_id_that_names_a_word_about_another_case_is_refused(bench: Bench, name: str) -> None:
    prepare, say = WORDS[name]
    case_id, other = prepare(bench, "o1"), prepare(bench, "o2")
    say(bench, case_id, {})
    before = bench.case(other).version
    with refused(f"{name}-id-reused"):
        say(bench, other, {})
    assert bench.case(other).version == before


@pytest.mark.parametrize(
    ("name", "other"),
    [
        ("inspection", {"line": {"accepted": 2}}),
        ("inspection", {"line": {"grade": "C"}}),
        ("inspection", {"unlisted": [{"title": "a brick", "quantity": 1}]}),
        ("offer", {"amount": 200}),
        ("offer", {"amount": 0}),
        ("diagnosis", {"serial": None}),
        ("diagnosis", HOPELESS),
    ],
)
def test_something_else_under_the_same_id_is_refused(
    bench: Bench, name: str, other: dict[str, Any]
) -> None:
    prepare, say = WORDS[name]
    case_id = prepare(bench, "o1")
    version = say(bench, case_id, {}).version
    with refused(f"{name}-id-reused"):
        say(bench, case_id, other)
    assert bench.case(case_id).version == version


@each_word
def test_an_id_that_names_another_word_about_the_case_is_refused(bench: Bench, name: str) -> None:
    prepare, say = WORDS[name]
    case_id = prepare(bench, "o1")
    with bench.shop.database.begin() as session:
        case = events.lock(session, case_id)
        events.record(session, case, "heard", bench.shop.lead, NOW, message_id="word-1")
    with refused(f"{name}-id-reused"):
        say(bench, case_id, {})


def test_an_offer_of_nothing_is_known_by_its_id_too(bench: Bench) -> None:
    case_id = counted(bench)
    version = offer(bench, case_id, {"amount": 0}).version
    assert offer(bench, case_id, {"amount": 0}).version == version
    with refused("offer-id-reused"):
        offer(bench, case_id, {"amount": 300})
    with refused("offer-id-reused"):
        offer(bench, counted(bench, "o2"), {"amount": 0})


def test_an_offer_of_nothing_has_no_answer(bench: Bench) -> None:
    case_id = counted(bench)
    bench.offer(case_id, 0)
    with refused("not-awaited"):
        bench.answer(case_id, accepted=True)


def test_a_unit_is_not_repaired_once_more_in_other_words(bench: Bench) -> None:
    bench.sold()
    case_id = bench.brought()
    bench.diagnose(case_id, COVERED)
    bench.done(case_id)
    version = bench.repaired(case_id).version
    assert bench.repaired(case_id).version == version
    with refused("already-repaired"):
        bench.repaired(case_id, swapped=True)
