"""Whatever command a page or the Temporal UI shows to a person is one that works."""

import json
import re
import shlex
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import typer

from domain.cases import AUDITS, Attention, Stage
from domain.messages import SIGNALS, Resume
from domain.review_messages import SUBMISSION_SIGNALS
from domain.submissions import (
    SUBMISSION_AUDITS,
    SubmissionKind,
    SubmissionStage,
    SubmissionView,
    SubmissionWaits,
)
from ops.cli import app
from ops.resume import payout_to
from tests.guards.test_house_rules import SOMEWHERE
from workflows.details import WHY_PARKED, commands, submission_commands

ROOT = Path(__file__).resolve().parents[2]
COMMANDS = r"^\s*((?:temporal workflow signal|aftersales) (?:.*\\\n)*.*)$"
CODE = r"^```(?:sh|bash|console)?\n(.*?)^```"


SAID = SubmissionView(
    submission_id=SOMEWHERE.case_id,
    kind=SubmissionKind.REVIEW,
    storefront="demo",
    about="order o1 line 1",
    order_id="o1",
    stage=SubmissionStage.AWAITING_AUDIT,
    waiting_for=SubmissionWaits.AUDITOR,
    due_at=SOMEWHERE.due_at,
    remind_at=SOMEWHERE.remind_at,
    version=1,
)


def shown() -> Iterator[tuple[str, str]]:
    """Each command in the UI and on the pages, with where it stands."""
    for stage in sorted(AUDITS):
        for command in commands(replace(SOMEWHERE, stage=stage)):
            yield stage, command
    for kind in SubmissionKind:
        for audit in sorted(SUBMISSION_AUDITS):
            for command in submission_commands(replace(SAID, kind=kind, stage=audit)):
                yield audit, command
    for why in Attention:
        parked = replace(SOMEWHERE, stage=Stage.NEEDS_ATTENTION, attention=why)
        for command in commands(parked):
            yield why, command
    for page in [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]:
        text = page.read_text() if page.exists() else ""
        for code in re.findall(CODE, text, re.MULTILINE | re.DOTALL):
            for command in re.findall(COMMANDS, code, re.MULTILINE):
                yield page.name, command.replace("\\\n", " ")


@pytest.mark.parametrize(("where", "command"), list(shown()))
def test_a_command_shown_to_people_is_understood(where: str, command: str) -> None:
    program, *words = shlex.split(command, comments=True)
    if program == "temporal":
        options = dict(zip(words[2::2], words[3::2], strict=True))
        kind = options["--workflow-id"].partition("/")[0]
        assert kind in ("refund", *SubmissionKind)
        heard = SIGNALS if kind == "refund" else SUBMISSION_SIGNALS
        fields = json.loads(options["--input"])
        assert fields.pop("actor")
        heard[options["--name"]].model_validate(fields)
    else:
        name, given = parsed(words)
        if name == "resume":
            to = payout_to(given["to"], given["card_token"], given["last4"])
            fields = {name: given[name] for name in ("action", "note", "reference")}
            Resume.model_validate({**fields, "payout_to": to})


def test_whatever_the_readme_points_at_is_there() -> None:
    readme = (ROOT / "README.md").read_text()
    places = set(re.findall(r"`([a-z_]+/[a-z_/]*(?:\.py|\.toml)?)`", readme))
    places |= set(re.findall(r"\]\((docs/[^)]+)\)", readme))
    assert len(places) > 15
    assert [place for place in sorted(places) if not (ROOT / place).exists()] == []


def parsed(words: list[str]) -> tuple[str, dict[str, Any]]:
    """Our command line's own reading of it: which command, and its parameters."""
    command: Any = typer.main.get_command(app)
    context = command.make_context("aftersales", [], resilient_parsing=True)
    while words and hasattr(command, "resolve_command"):
        name, command, words = command.resolve_command(context, words)
    return command.name, command.make_context(name, words, parent=context).params


def test_every_reason_to_park_is_explained_with_what_mends_it() -> None:
    assert WHY_PARKED.keys() == set(Attention)
    runbook = (ROOT / "docs" / "runbook.md").read_text()
    for why in Attention:
        assert commands(replace(SOMEWHERE, stage=Stage.NEEDS_ATTENTION, attention=why))
        assert f"`{why}`" in runbook
