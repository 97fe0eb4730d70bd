"""A process that must not serve says why in one line and ends."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from runtime import startup
from runtime.postgres import Postgres
from runtime.settings import Settings

SHIPPED = (Path(__file__).parents[2] / "domain" / "policy.toml").read_text()

SOUND = {
    "AFTERSALES_PRODUCTION": "true",
    "AFTERSALES_STRIPE_API_BASE": "https://api.stripe.com",
    "AFTERSALES_STRIPE_API_KEY": "sk_live_1",
    "AFTERSALES_BANK_API_BASE": "https://bank.example",
    "AFTERSALES_BANK_API_KEY": "bank_live_1",
    "AFTERSALES_STRIPE_WEBHOOK_SECRET": "whsec_1",
    "AFTERSALES_CARRIER_API_BASE": "https://carrier.example",
    "AFTERSALES_CARRIER_API_KEY": "carrier_live_1",
    "AFTERSALES_CARRIER_WEBHOOK_SECRET": "whsec_2",
    "AFTERSALES_REPAIR_SHOP_API_BASE": "https://repairs.example",
    "AFTERSALES_REPAIR_SHOP_API_KEY": "repairs_live_1",
    "AFTERSALES_CHECKOUT_RETURN_URL": "https://shop.test/paid",
}


API = ("-c", "from api.app import app; print(app.title)")
WORKER = ("-m", "worker")


OUR_PHONE = SHIPPED.replace("+44 20 7946 0000", "+44 20 7123 4567")
OUR_PLACE = OUR_PHONE.replace("1 Sample Road", "9 Dock Street")


@pytest.fixture(scope="module", autouse=True)
def own_warehouse(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """What is sound names a policy with an address of the shop's own."""
    file = tmp_path_factory.mktemp("policy") / "policy.toml"
    file.write_text(OUR_PLACE)
    SOUND["AFTERSALES_POLICY"] = str(file)
    yield
    del SOUND["AFTERSALES_POLICY"]


def start(program: tuple[str, str] = API, **changes: str) -> subprocess.CompletedProcess[str]:
    """Have Python ask for the application, as a server does, or run the worker."""
    inherited = {k: v for k, v in os.environ.items() if not k.startswith("AFTERSALES_")}
    chosen = {name: value for name, value in (SOUND | changes).items() if value}
    return subprocess.run(
        [sys.executable, *program],
        cwd=Path(__file__).parents[2],
        env=inherited | chosen,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"AFTERSALES_STRIPE_WEBHOOK_SECRET": ""}, "AFTERSALES_STRIPE_WEBHOOK_SECRET"),
        ({"AFTERSALES_STRIPE_WEBHOOK_SECRET": "change-me"}, "AFTERSALES_STRIPE_WEBHOOK_SECRET"),
        ({"AFTERSALES_CARRIER_WEBHOOK_SECRET": ""}, "AFTERSALES_CARRIER_WEBHOOK_SECRET"),
        ({"AFTERSALES_CARRIER_WEBHOOK_SECRET": "secret"}, "AFTERSALES_CARRIER_WEBHOOK_SECRET"),
        ({"AFTERSALES_PRODUCTION": ""}, "AFTERSALES_DATABASE_URL"),
        ({}, "AFTERSALES_DATABASE_URL"),
        ({"AFTERSALES_DATABASE_URL": "postgresql://a:pw@127.0.0.1:1/x"}, "database"),
        ({"AFTERSALES_DATABASE_URL": "not a url"}, "AFTERSALES_DATABASE_URL"),
        ({"AFTERSALES_POLICY": ""}, "AFTERSALES_POLICY: [warehouse] is the sample"),
        ({"AFTERSALES_PRODUCTION": "perhaps"}, "AFTERSALES_PRODUCTION"),
    ],
)
def test_it_does_not_start_on_what_is_missing_or_sample(changes: dict[str, str], why: str) -> None:
    ended = start(**changes)
    assert ended.returncode == 1
    assert why in ended.stderr
    assert len(ended.stderr.splitlines()) == 1
    assert "pw" not in ended.stderr


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"AFTERSALES_STRIPE_API_BASE": ""}, "AFTERSALES_STRIPE_API_BASE"),
        ({"AFTERSALES_STRIPE_API_KEY": ""}, "AFTERSALES_STRIPE_API_KEY"),
        ({"AFTERSALES_STRIPE_API_KEY": "change-me"}, "AFTERSALES_STRIPE_API_KEY"),
        ({"AFTERSALES_BANK_API_BASE": ""}, "AFTERSALES_BANK_API_BASE"),
        ({"AFTERSALES_BANK_API_KEY": "sk_test_sandbox"}, "AFTERSALES_BANK_API_KEY"),
        ({"AFTERSALES_CHECKOUT_RETURN_URL": ""}, "AFTERSALES_CHECKOUT_RETURN_URL"),
        ({"AFTERSALES_POLICY": ""}, "AFTERSALES_POLICY: [warehouse] is the sample"),
        ({}, "AFTERSALES_DATABASE_URL"),
    ],
)
def test_the_worker_pays_nothing_on_what_is_missing_or_sample(
    changes: dict[str, str], why: str
) -> None:
    ended = start(WORKER, **changes)
    assert (ended.returncode, len(ended.stderr.splitlines())) == (1, 1)
    assert why in ended.stderr


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (None, "No such file"),
        ("second_approval_above = -1", "second_approval_above"),
        ("= 1", "line 1"),
    ],
)
def test_it_does_not_start_on_a_policy_that_is_none(
    tmp_path: Path, database_url: str, text: str | None, why: str
) -> None:
    file = tmp_path / "policy.toml"
    if text:
        file.write_text(text)
    ended = start(
        AFTERSALES_PRODUCTION="",
        AFTERSALES_DATABASE_URL=database_url,
        AFTERSALES_POLICY=str(file),
    )
    assert (ended.returncode, len(ended.stderr.splitlines())) == (1, 1)
    assert "AFTERSALES_POLICY" in ended.stderr
    assert why in ended.stderr


@pytest.mark.parametrize(
    "text", [SHIPPED, OUR_PHONE, SHIPPED.replace("1 Sample Road", "9 Dock Street")]
)
def test_in_production_no_goods_go_back_to_the_sample_address(tmp_path: Path, text: str) -> None:
    file = tmp_path / "policy.toml"
    file.write_text(text)
    with pytest.raises(startup.CannotStart, match=r"\[warehouse\] is the sample"):
        startup.policy(Settings(production=True, policy=file))
    file.write_text(OUR_PLACE)
    assert startup.policy(Settings(production=True, policy=file)).warehouse.city == "London"


def test_it_does_not_start_on_a_database_that_forgets(
    postgres: Postgres, database_url: str
) -> None:
    ended = start(AFTERSALES_DATABASE_URL=database_url)
    assert (ended.returncode, ended.stderr.count("fsync")) == (1, 1)


def test_elsewhere_it_starts_on_the_sample_warehouse_and_the_sandbox_defaults(
    database_url: str,
) -> None:
    ended = start(
        **dict.fromkeys(SOUND, ""),
        AFTERSALES_DATABASE_URL=database_url,
    )
    assert (ended.returncode, ended.stdout) == (0, "After-sales\n")
