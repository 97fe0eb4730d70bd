"""Can the code of today go on with every case of yesterday? Replays each recorded history."""

import json
from pathlib import Path

import pytest
from temporalio.client import WorkflowHistory
from temporalio.worker import Replayer

from runtime.client import CONVERTER, workflow_runner
from tests.histories.record import FOLDER, PATHS
from workflows import WORKFLOWS

pytestmark = pytest.mark.anyio

RECORDED = sorted(FOLDER.glob("*.json"))


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.mark.parametrize("path", RECORDED, ids=lambda path: path.stem)
async def test_a_recorded_case_replays(path: Path) -> None:
    replayer = Replayer(
        workflows=list(WORKFLOWS.values()),
        data_converter=CONVERTER,
        workflow_runner=workflow_runner(),
    )
    await replayer.replay_workflow(WorkflowHistory.from_json(path.stem, path.read_text()))


def test_every_way_to_end_is_recorded() -> None:
    assert set(PATHS) <= {path.stem.split(".")[1] for path in RECORDED}


@pytest.mark.parametrize("path", RECORDED, ids=lambda path: path.stem)
def test_every_timer_and_activity_says_what_it_is_for(path: Path) -> None:
    for event in json.loads(path.read_text())["events"]:
        if event["eventType"] in ("EVENT_TYPE_TIMER_STARTED", "EVENT_TYPE_ACTIVITY_TASK_SCHEDULED"):
            assert event["userMetadata"]["summary"]["data"], event["eventId"]
