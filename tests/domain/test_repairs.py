"""Is a repair covered, is it the right unit, and has it failed once too often?"""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from domain.repairs import is_known, keeps_failing, may_be_covered, may_leave, serials_now

NOW = datetime(2026, 11, 24, 23, 59, tzinfo=UTC)
DAY = timedelta(days=1)
LONDON, SHANGHAI = ZoneInfo("Europe/London"), ZoneInfo("Asia/Shanghai")


@pytest.mark.parametrize(
    ("until", "covered"),
    [(date(2026, 11, 25), True), (date(2026, 11, 24), True), (date(2026, 11, 23), False)],
)
def test_a_warranty_holds_until_the_end_of_its_last_day(until: date, covered: bool) -> None:
    assert may_be_covered(until, NOW, LONDON) is covered
    assert may_be_covered(until + DAY, NOW, SHANGHAI) is covered


def test_without_a_warranty_date_the_technician_says_what_is_covered() -> None:
    assert may_be_covered(None, NOW, LONDON)


def test_a_serial_is_one_of_those_sold() -> None:
    sold = serials_now(["A1", "A2"], [])
    assert is_known("A1", sold)
    assert not is_known("B9", sold)
    assert not is_known(None, sold)


def test_a_unit_that_was_swapped_is_known_by_what_its_buyer_got_for_it() -> None:
    swaps = [(NOW + DAY, "B1", "C1"), (NOW, "A1", "B1")]
    units = serials_now(["A1", "A2"], swaps)
    assert units.now == ("A2", "C1")
    assert [serial for serial in ("A1", "A2", "B1", "C1") if is_known(serial, units)] == [
        "A2",
        "C1",
    ]
    assert is_known("A1", serials_now(["A1", "A2"], [*swaps, (NOW + 2 * DAY, "C1", "A1")]))


def test_of_a_line_sold_without_serials_any_unit_may_be_one() -> None:
    sold = serials_now([], [])
    assert is_known(None, sold)
    assert is_known("B9", sold)


def test_of_a_line_sold_without_serials_only_what_has_left_is_refused() -> None:
    units = serials_now([], [(NOW, "A1", "B1")])
    assert not is_known("A1", units)
    assert is_known("B1", units)
    assert is_known(None, units)


@pytest.mark.parametrize(
    ("came", "leaves", "swapped", "right"),
    [
        ("A1", "A1", False, True),
        ("A1", "A2", False, False),
        ("A1", None, False, False),
        ("A1", "A2", True, True),
        ("A1", "A1", True, False),
        ("A1", None, True, False),
        (None, None, False, True),
        (None, "A1", False, False),
        (None, "A1", True, True),
        (None, None, True, True),
    ],
)
def test_the_unit_that_came_is_the_one_that_leaves_unless_it_was_swapped(
    came: str | None, leaves: str | None, swapped: bool, right: bool
) -> None:
    assert may_leave(came, leaves, swapped=swapped) is right


def test_the_third_failure_within_the_days_is_one_too_many() -> None:
    assert not keeps_failing([], NOW, 365, LONDON)
    assert not keeps_failing([NOW - DAY], NOW, 365, LONDON)
    assert keeps_failing([NOW - 365 * DAY, NOW - DAY], NOW, 365, LONDON)
    assert keeps_failing([NOW - 366 * DAY + timedelta(minutes=1), NOW - DAY], NOW, 365, LONDON)


def test_failures_of_before_the_days_do_not_count() -> None:
    assert not keeps_failing([NOW - 366 * DAY, NOW - DAY], NOW, 365, LONDON)
