"""Rules of the house that no type checker keeps: registration, handlers, arrows, search."""

import ast
import inspect
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from importlib import import_module
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from temporalio.common import SearchAttributeKey

import ops.search_attributes
import ops.up
import worker
from activities.billing import Billing
from activities.effects import Effects
from activities.embedded_stock import EmbeddedStock
from activities.inventory import Inventory
from activities.logistics import Logistics
from activities.parties import Parties
from activities.payouts import Payouts
from activities.reconciliation import Reconciliation
from activities.records import Records
from activities.repair_shops import RepairShops
from activities.submissions import Submissions
from domain import search_attributes
from domain.cases import GOODS, Attention, CaseView, Kind, Stage, WaitingFor
from domain.effects import LANES, EffectAction
from runtime.client import PURE
from runtime.settings import policy
from store.goods import consequences
from store.session import Database
from tests.workflows.carrier import ScriptedCarrier
from tests.workflows.checkout import ScriptedCheckout
from tests.workflows.gateway import ScriptedGateway
from tests.workflows.platform import time_skipping
from tests.workflows.repair_shop import ScriptedShop
from workflows import WORKFLOWS, attributes, steps

ROOT = Path(__file__).resolve().parents[2]

SOMEWHERE = CaseView(
    case_id=UUID("019ae7a0-0000-7000-8000-000000000001"),
    kind=Kind.REFUND,
    storefront="demo",
    order_id="o1",
    stage=Stage.AWAITING_AUDIT,
    waiting_for=WaitingFor.AUDITOR,
    due_at=datetime(2026, 11, 26, tzinfo=UTC),
    remind_at=datetime(2026, 11, 25, tzinfo=UTC),
    attention=None,
    amount=510,
    currency="GBP",
)
ELSEWHERE = replace(
    SOMEWHERE,
    stage=Stage.NEEDS_ATTENTION,
    waiting_for=WaitingFor.OPERATOR,
    due_at=datetime(2026, 11, 27, tzinfo=UTC),
    attention=Attention.PAYOUT_DECLINED,
    amount=400,
)


def decorated(folder: str, decorator: str) -> Iterator[tuple[str, ast.AST]]:
    """What bears this decorator in a folder, by name."""
    for path in sorted((ROOT / folder).glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            for mark in getattr(node, "decorator_list", []):
                if ast.unparse(mark).split("(")[0] == decorator:
                    yield node.name, node  # type: ignore[attr-defined]


@pytest.mark.anyio
async def test_the_worker_registers_every_workflow_and_activity_once(database: Database) -> None:
    async with time_skipping() as environment:
        with ThreadPoolExecutor(worker.THREADS) as threads:
            records = Records(database, policy(None))
            sees = ScriptedGateway()
            payouts = Payouts(database, policy(None), {}, sees, sees, lambda: datetime.now(UTC))
            effects = Effects(database, policy(None), lambda: datetime.now(UTC))
            parties = Parties(
                Logistics(effects, ScriptedCarrier(), worker.place(policy(None).warehouse)),
                Inventory(effects, EmbeddedStock(database, worker.now), timedelta(days=1)),
                RepairShops(effects, ScriptedShop()),
                Billing(effects, ScriptedCheckout(), ScriptedGateway()),
            )
            said = Submissions(database, policy(None))
            built = worker.build(environment.client, records, said, payouts, parties, threads)
            compares = Reconciliation(database, {}, lambda: datetime.now(UTC))
            beside = worker.build_reconciler(environment.client, compares, threads)
        configs = built.config(), beside.config()
    workflows = [each.__name__ for config in configs for each in config["workflows"]]
    activities = [each.__name__ for config in configs for each in config["activities"]]
    assert sorted(workflows) == sorted(name for name, _ in decorated("workflows", "workflow.defn"))
    assert sorted(activities) == sorted(
        name for name, _ in decorated("activities", "activity.defn")
    )


def test_workflow_types_bear_the_names_of_their_kinds() -> None:
    assert {kind: each.__name__ for kind, each in WORKFLOWS.items()} == {
        kind: f"{kind.capitalize()}Workflow" for kind in WORKFLOWS
    }


def test_activities_are_named_as_their_methods() -> None:
    for name, node in decorated("activities", "activity.defn"):
        marks = [ast.unparse(mark) for mark in node.decorator_list]  # type: ignore[attr-defined]
        assert marks == [f"activity.defn(name='{name}')"]


def test_handlers_never_await() -> None:
    handlers = [
        (name, node)
        for kind in ("signal", "update", "query")
        for name, node in decorated("workflows", f"workflow.{kind}")
    ]
    assert handlers
    for name, node in handlers:
        assert isinstance(node, ast.FunctionDef), f"{name} is async"


def test_workflows_leave_the_sandbox_on() -> None:
    """Passing a workflow's own module through would silently take its protection away."""
    for path in (ROOT / "workflows").glob("*.py"):
        module = "workflows" if path.stem == "__init__" else f"workflows.{path.stem}"
        source = inspect.getsource(import_module(module))
        assert "sandboxed=False" not in source
        assert "imports_passed_through" not in source
    assert not [name for name in PURE if name.startswith("workflows")]


def test_every_search_attribute_is_registered_and_said() -> None:
    keys = [key for key in vars(attributes).values() if isinstance(key, SearchAttributeKey)]
    kinds = {key.name: key.indexed_value_type.name.capitalize() for key in keys}
    assert kinds == search_attributes.ALL
    for registers in (ops.up, ops.search_attributes):
        assert vars(registers)["ALL"] is search_attributes.ALL
    said = {pair.key.name for pair in attributes.at_start(SOMEWHERE)}
    assert said == search_attributes.ALL.keys()


def test_all_that_may_change_about_a_case_is_searchable_as_it_changes() -> None:
    fixed = {"CaseOrder", "CaseStorefront"}
    changed: list[Any] = attributes.changes(SOMEWHERE, ELSEWHERE)
    assert {update.key.name for update in changed} == search_attributes.ALL.keys() - fixed
    assert attributes.changes(SOMEWHERE, SOMEWHERE) == []


def test_imports_go_the_ways_that_are_allowed() -> None:
    linter = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run(
        [linter, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout


def test_every_effect_has_an_activity_of_its_name_a_lane_and_consequences() -> None:
    activities = {name for name, _ in decorated("activities", "activity.defn")}
    assert {action.value for action in EffectAction} <= activities
    for table in (LANES, steps.STEPS, consequences.DONE, consequences.REFUSED):
        assert set(table) == set(EffectAction)
    for action, step in steps.STEPS.items():
        assert step.activity.__name__ == action.value


@pytest.mark.parametrize("kind", sorted(GOODS))
def test_fulfil_names_every_step_that_its_kind_may_plan(kind: Kind) -> None:
    """What no line names would run only after the case has ended."""
    source = inspect.getsource(WORKFLOWS[kind].fulfil)
    forward = {name for name, step in vars(steps).items() if isinstance(step, steps.Step)}
    forward -= {name for name, step in vars(steps).items() if step in steps.COMPENSATIONS}
    left_out = {name for name in forward if not re.search(rf"\b{name}\b", source)}
    assert left_out == LEFT_OUT[kind]


LEFT_OUT: dict[Kind, set[str]] = {
    Kind.RETURN: {"order_repair"},
    Kind.EXCHANGE: {"order_repair"},
    Kind.REPAIR: {"restock"},
}
"""What each kind has no use for."""


def test_whoever_installs_the_product_gets_every_folder_of_it() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    homes = [init.parent.relative_to(ROOT).parts for init in ROOT.glob("[a-z]*/**/__init__.py")]
    ours = {".".join(home) for home in homes if home[0] not in ("bench", "build", "tests")}
    assert set(project["tool"]["setuptools"]["packages"]) == ours
