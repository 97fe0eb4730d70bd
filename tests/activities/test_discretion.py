"""What leaves a failing activity: types, codes and places, never a text with values in it."""

import base64
import json
import logging
import re

import pytest
from sqlalchemy import text

from tests.workflows.gateway import LOST, succeeded
from tests.workflows.platform import Platform, eventually

pytestmark = pytest.mark.anyio

SECRET = "canary of card 4111 1111 1111 1111"
SQL = re.compile(r"\b(select|insert into|update payouts|from cases|psycopg2\.errors)\b", re.I)


async def failures(platform: Platform, case_id: object) -> list[str]:
    """What the history says of attempts that failed, message and stack."""
    events = json.loads(await platform.history(case_id))["events"]  # type: ignore[arg-type]
    return [json.dumps(failure) for event in events for failure in _failures(event)]


def _failures(part: object) -> list[object]:
    match part:
        case dict():
            here = [value for key, value in part.items() if key in ("failure", "lastFailure")]
            return here + [found for value in part.values() for found in _failures(value)]
        case list():
            return [found for value in part for found in _failures(value)]
    return []


async def test_an_unforeseen_exception_leaves_by_its_type_and_place_only(
    platform: Platform, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    platform.card.answers_send(ValueError(SECRET))
    case_id = await platform.apply()
    await platform.approve(case_id)
    await eventually(lambda: platform.card.heard)
    await platform.ends(case_id)
    (failure,) = await failures(platform, case_id)
    assert '"type": "ValueError"' in failure
    assert re.search(r"ValueError at tests\.workflows\.gateway:\d+", failure)
    everything = await platform.history(case_id) + caplog.text
    decoded = [base64.b64decode(d) for d in re.findall(r'"data": "([^"]+)"', everything)]
    assert "canary" not in everything
    assert not any(b"canary" in data for data in decoded)


async def test_a_database_error_leaves_without_its_statement_and_values(
    platform: Platform, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    case_id = await platform.apply(order_id="canary-order")
    with platform.database.begin() as session:
        session.execute(text("alter table payout_attempts rename to hidden"))
    await platform.approve(case_id)
    await eventually(lambda: "ProgrammingError" in caplog.text, "the step fails")
    with platform.database.begin() as session:
        session.execute(text("alter table hidden rename to payout_attempts"))
    await platform.ends(case_id)
    (failure,) = await failures(platform, case_id)
    assert '"type": "ProgrammingError"' in failure
    assert not SQL.search(failure), failure
    assert "canary" not in failure
    ours = [record.getMessage() for record in caplog.records if "temporal" in record.name]
    assert not [line for line in ours if SQL.search(line)]


async def test_a_gateway_that_owes_an_answer_leaves_its_code_only(platform: Platform) -> None:
    platform.card.answers_send(LOST)
    platform.card.answers_ask(LOST, succeeded())
    case_id = await platform.apply()
    await platform.approve(case_id)
    await platform.hears(case_id, "payout_unknown")
    await platform.ends(case_id)
    (failure,) = await failures(platform, case_id)
    assert '"message": "the gateway owes an answer: timeout"' in failure
    assert '"type": "payout-in-doubt"' in failure
