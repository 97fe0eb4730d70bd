"""What does a storefront meet whose policy approves small claims by itself?"""

import pytest

from tests.api.callers import Callers
from tests.shop import ADDRESS, Shop

pytestmark = pytest.mark.usefixtures("small_claims")


@pytest.fixture
def small_claims(shop: Shop) -> None:
    """Before the API starts: cases up to 2.55, in sum 5.10 on one order."""
    shop.auto_approve(255, per_order=510)


def test_a_claim_in_small_cases_waits_for_a_person_once_it_is_large(api: Callers) -> None:
    api.sells()
    cases = [api.applies((1, 1)) for _ in range(3)]
    assert [case["stage"] for case in cases] == ["paying", "paying", "awaiting_audit"]
    assert [case["decisions"][0]["by"] for case in cases[:2]] == ["policy", "policy"]


def test_a_return_waits_for_a_person(api: Callers) -> None:
    api.sells()
    case = api.applies((1, 1), kind="return", address=ADDRESS)
    assert (case["stage"], case["decisions"]) == ("awaiting_audit", [])
