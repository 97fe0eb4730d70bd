"""Nobody changes what workflows command without knowing what that does to cases that wait."""

import pytest

from tests.guards import fingerprints
from tests.guards.fingerprints import BASELINE, TEACHING, WORKFLOWS, differences, of_today, read

SOURCES = {path.name: path.read_text() for path in WORKFLOWS.glob("*.py")}


def changed(file: str, old: str, new: str) -> str:
    """What the guard says of the workflows with this one change in them."""
    assert SOURCES[file].count(old) == 1, f"{file} has no such place any more: {old}"
    sources = SOURCES | {file: SOURCES[file].replace(old, new)}
    return differences(of_today(), fingerprints.outlines(sources))


def test_the_commands_of_the_workflows_are_the_known_ones() -> None:
    changes = differences(read(BASELINE.read_text()), of_today())
    assert not changes, TEACHING.format(changes=changes)


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("steps.py", '"complete-case"', '"close-case"'),
        ("steps.py", '"advance-payout"', '"pay"'),
        (
            "steps.py",
            "execute_activity_method(\n        Payouts.advance",
            "execute_local_activity_method(\n        Payouts.advance",
        ),
        ("refunds.py", "await self.pay(Outcome.REFUNDED)", "pass"),
        (
            "case.py",
            "        if changed:\n            workflow.upsert",
            "        if True:\n            workflow.upsert",
        ),
        (
            "case.py",
            "            await self._follow()\n",
            "            await workflow.sleep(1)\n            await self._follow()\n",
        ),
    ],
)
def test_a_change_of_commands_is_noticed(file: str, old: str, new: str) -> None:
    assert f"{file}: " in changed(file, old, new)


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("steps.py", 'summary=f"close as {outcome}"', 'summary="close"'),
        ("steps.py", '"""Close the case if it has paid what it owed."""', '"""Close it."""'),
        ("refunds.py", "import workflow\n", "import workflow  # noqa\n"),
    ],
)
def test_what_no_history_knows_of_may_change(file: str, old: str, new: str) -> None:
    assert changed(file, old, new) == ""


def test_the_guard_teaches_what_to_do() -> None:
    said = TEACHING.format(changes=changed("steps.py", '"complete-case"', '"close-case"'))
    assert "steps.py: complete_case (changed)" in said
    assert "+ workflow.execute_local_activity_method Records.complete_case 'close-case'" in said
    for lesson in ("workflow.patched(", "tests.histories.record", "tests.guards.fingerprints"):
        assert lesson in said


def test_the_outline_survives_being_written_down() -> None:
    assert read(fingerprints.written(of_today())) == of_today()
