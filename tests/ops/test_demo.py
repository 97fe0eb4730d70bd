"""Is there something to look at, once, and what does a newcomer type first?"""

import json
import re
import shlex
from pathlib import Path

import requests

from tests.ops.programs import Running, running
from tests.sandbox_process import eventually

STAGES = "select stage, count(*) from cases where storefront = 'demo' group by 1"
SAID = "select kind, stage, count(*) from submissions where storefront = 'demo' group by 1, 2"
ALL_SAID = {
    ("review", "published", 5),
    ("review", "rejected", 1),
    ("review", "awaiting_audit", 2),
    ("feedback", "awaiting_audit", 2),
    ("feedback", "awaiting_buyer", 1),
}
ALL_STAGES = {
    "awaiting_audit",
    "awaiting_second_audit",
    "needs_attention",
    "completed",
    "rejected",
    "cancelled",
}


def introduced(platform: Running) -> str:
    """Everything it prints until the introduction is over."""
    assert platform.process.stdout is not None
    lines: list[str] = []
    for line in platform.process.stdout:
        lines.append(line)
        if "aftersales stuck" in line or "could not be loaded" in line:
            break
    return "".join(lines)


def test_the_demo_is_loaded_once_and_tells_what_to_try(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with running(data) as platform:
        first = introduced(platform)
        tokens = json.loads((data / "tokens.json").read_text())
        assert (data / "tokens.json").stat().st_mode & 0o777 == 0o600
        assert len(tokens) == 6
        assert all(secret in first for secret in tokens.values())
        eventually(lambda: set(dict(platform.rows(STAGES))) == ALL_STAGES, 30)
        assert set(platform.rows(SAID)) == ALL_SAID
        number = sum(dict(platform.rows(STAGES)).values())
        said = platform.types("check", "--json")
        assert said.code == 0, said.out
    with running(data) as platform:
        second = introduced(platform)
        assert all(secret in second for secret in tokens.values())
        assert sum(dict(platform.rows(STAGES)).values()) == number
        assert set(platform.rows(SAID)) == ALL_SAID
        command = re.search(r"curl .*", second)
        assert command is not None
        # curl -X POST URL -H HEADER -H HEADER -d BODY
        _, _, method, url, _, token, _, kind, _, body = shlex.split(command[0])
        headers = dict(header.split(": ", 1) for header in (token, kind))
        approved = requests.request(method, url, headers=headers, data=body, timeout=30)
        assert approved.json()["stage"] == "paying"
