"""Everything that the README types works as it is typed, from the first order to the last penny."""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

from runtime.endpoints import endpoints
from tests.e2e.live import FREE_PORTS, START_SECONDS
from tests.sandbox_process import eventually

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


def test_the_readme_is_walked_as_it_stands(tmp_path: Path) -> None:
    data = tmp_path / "platform"
    words = [sys.executable, "-m", "ops.cli", "up", "--data", str(data), *FREE_PORTS]
    platform = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        eventually(lambda: (data / "endpoints.json").exists(), START_SECONDS)
        eventually(lambda: (data / "tokens.json").exists(), START_SECONDS)
        first = typed("Approve your first case", data, endpoints(data).api)
        goods = typed("Follow a return", data, endpoints(data).api)
        assert last_answers(run(first, tmp_path))[-1]["amount"]["total"] == 510
        answers = last_answers(run(first.split("# an order")[0] + goods, tmp_path))
        case, stock = answers[-2:]
        assert (case["stage"], case["outcome"]) == ("completed", "returned_and_refunded")
        assert (case["amount"]["paid"], case["goods"]["offer"]["answer"]) == (1700, "accepted")
        assert stock["sku"] == "22423"
        assert (tmp_path / "label.png").read_bytes().startswith(b"\x89PNG")
    finally:
        platform.terminate()
        platform.wait(60)
