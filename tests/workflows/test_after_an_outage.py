"""What does a case make up for that nobody worked on for days?"""

from datetime import timedelta

import pytest

from tests.shop import order_body, request_body
from tests.workflows.platform import Platform

pytestmark = pytest.mark.anyio


async def test_one_escalation_stands_for_all_the_reminders_that_were_missed(
    platform: Platform,
) -> None:
    ten_days_ago = platform.now() - timedelta(days=10)
    platform.shop.sell("o1", order_body((6, 1530)), ten_days_ago)
    case_id = platform.shop.apply(request_body((1, 2)), ten_days_ago).case_id
    await platform.deliver()
    await platform.hears(case_id, "escalated")
    await platform.signal(case_id, "approve", {"actor": "nobody"})
    await platform.hears(case_id, "signal_refused")
    assert platform.happened(case_id) == ["opened", "escalated", "signal_refused"]
