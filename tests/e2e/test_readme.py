"""Everything that the README types works as it is typed, from the first order to the last penny."""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import requests

from ops.demo_goods import LAST
from runtime.endpoints import endpoints
from tests.e2e.live import FREE_PORTS, START_SECONDS
from tests.sandbox_process import eventually

MODELS_SECONDS = 180.0
"""They are loaded and trained behind everything else that the machine has to do."""

README = Path(__file__).resolve().parents[2] / "README.md"


def typed(section: str, data: Path, api: str) -> str:
    """The commands of a section, on the platform in `data` instead of the default one."""
    text = README.read_text().split(f"## {section}\n")[1].split("\n## ")[0]
    (block,) = re.findall(r"```sh\n(.*?)```", text, flags=re.S)
    return (
        block.replace("http://127.0.0.1:8000", api)
        .replace(".venv/bin/python", sys.executable)
        .replace(".aftersales/", f"{data}/")
    )


def run(script: str, folder: Path) -> str:
    said = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert said.returncode == 0, said.stdout + said.stderr
    return said.stdout


def last_answers(output: str) -> list[dict[str, Any]]:
    """Every JSON object that was printed, whatever stands between them."""
    decoder, found, at = json.JSONDecoder(), [], 0
    while (start := output.find("{", at)) >= 0:
        answer, at = decoder.raw_decode(output, start)
        found.append(answer)
    return found


def defined(script: str) -> str:
    """What a section defines before its first step."""
    return script.split("\n# ", maxsplit=1)[0] + "\n"


def test_the_readme_is_walked_as_it_stands(tmp_path: Path) -> None:
    data = tmp_path / "platform"
    words = [sys.executable, "-m", "ops.cli", "up", "--data", str(data), *FREE_PORTS]
    platform = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        eventually(lambda: (data / "endpoints.json").exists(), START_SECONDS)
        eventually(lambda: (data / "tokens.json").exists(), START_SECONDS)
        api = endpoints(data).api
        first = typed("Approve your first case", data, api)
        goods = typed("Follow a return", data, api)
        said = typed("Hear what buyers say", data, api)
        assert last_answers(run(first, tmp_path))[-1]["amount"]["total"] == 510
        it_is_returned(run(defined(first) + goods, tmp_path))
        assert (tmp_path / "label.png").read_bytes().startswith(b"\x89PNG")
        it_is_heard(run(defined(first) + defined(goods) + said, tmp_path))
        eventually(lambda: advised(api, data), MODELS_SECONDS)
    finally:
        platform.terminate()
        platform.wait(60)


def it_is_returned(output: str) -> None:
    case, stock = last_answers(output)[-2:]
    assert (case["stage"], case["outcome"]) == ("completed", "returned_and_refunded")
    assert (case["amount"]["paid"], case["goods"]["offer"]["answer"]) == (1700, "accepted")
    assert stock["sku"] == "22423"


def it_is_heard(output: str) -> None:
    waiting, published, rating, replied, shown, *_, feedback = last_answers(output)
    assert (waiting["stage"], published["stage"]) == ("awaiting_audit", "published")
    assert published["had_case"]
    assert waiting["latest"]["photos"]
    assert (rating["count"], rating["mean"]) == (1, 4.0)
    assert replied["reply"]["content"] == shown["items"][0]["reply"]["content"]
    (figures,) = feedback["items"]
    assert (figures["count"], figures["mean"]) == (1, 5.0)
    assert "\n85123A,1,4.0," in output
    assert "\ndamaged," in output


def advised(api: str, data: Path) -> bool:
    """Whether the worker has asked the models about a case of the demo that waits."""
    secret = json.loads((data / "tokens.json").read_text())["auditor"]
    auditor = {"Authorization": f"Bearer {secret}"}
    waiting = f"{api}/v1/cases?stage=awaiting_audit&order_id={LAST}"
    (case,) = requests.get(waiting, headers=auditor, timeout=30).json()["items"]
    shown = requests.get(f"{api}/v1/cases/{case['case_id']}", headers=auditor, timeout=30)
    return "advice" in shown.json()
