"""Would `docker compose` start a sound deployment? No engine runs here: the file is read."""

import re
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from runtime.settings import Settings
from worker import DRAIN

ROOT = Path(__file__).parents[2]
FILE = ROOT / "docker-compose.yml"
DOCKERFILE = ROOT / "Dockerfile"
SERVICES: dict[str, dict[str, Any]] = yaml.safe_load(FILE.read_text())["services"]

SECRET = re.compile(r"(PASSWORD|PWD|SECRET|KEY|DATABASE_URL)$")
REQUIRED = re.compile(r"\$\{(\w+):\?[^}]+\}")
OPTIONAL = re.compile(r"\$\{(\w+):-[^}]*\}")
READ_BY_WORKER = "AFTERSALES_READY_FILE"


def environment() -> list[tuple[str, str, str]]:
    """Service, name and value of every variable that a container is given."""
    return [
        (service, name, value)
        for service, content in SERVICES.items()
        for name, value in content.get("environment", {}).items()
    ]


def waited_for(condition: str) -> set[str]:
    return {
        other
        for content in SERVICES.values()
        for other, wait in content.get("depends_on", {}).items()
        if wait["condition"] == condition
    }


def seconds(duration: str) -> timedelta:
    return timedelta(seconds=int(duration.removesuffix("s")))


def test_the_file_follows_the_compose_specification() -> None:
    program = Path(sys.executable).with_name("check-jsonschema")
    subprocess.run([program, "--builtin-schema", "vendor.compose-spec", FILE], check=True)


def test_every_secret_is_required_from_the_environment() -> None:
    secrets = [(name, value) for _, name, value in environment() if SECRET.search(name)]
    assert {name for name, _ in secrets} == {
        "AFTERSALES_BANK_API_KEY",
        "AFTERSALES_CARRIER_API_KEY",
        "AFTERSALES_CARRIER_WEBHOOK_SECRET",
        "AFTERSALES_DATABASE_URL",
        "AFTERSALES_REPAIR_SHOP_API_KEY",
        "AFTERSALES_STRIPE_API_KEY",
        "AFTERSALES_STRIPE_WEBHOOK_SECRET",
        "POSTGRES_PASSWORD",
        "POSTGRES_PWD",
        "SQL_PASSWORD",
    }
    assert [name for name, value in secrets if not REQUIRED.search(value)] == []


def test_the_example_names_every_variable_and_gives_away_no_secret() -> None:
    lines = (ROOT / ".env.example").read_text().splitlines()
    assignments = [line.lstrip("#").partition("=") for line in lines if re.match(r"#?[A-Z]", line)]
    example = {name: value for name, equals, value in assignments if equals}
    text = FILE.read_text()
    assert set(example) == {*REQUIRED.findall(text), *OPTIONAL.findall(text)}
    assert {name for name, value in example.items() if SECRET.search(name) and value} == set()


def test_our_processes_are_told_only_what_their_settings_know() -> None:
    known = {f"AFTERSALES_{field.upper()}" for field in Settings.model_fields}
    told = {name for _, name, _ in environment() if name.startswith("AFTERSALES_")}
    assert told - known == {READ_BY_WORKER}


@pytest.mark.parametrize("service", ["api", "worker"])
def test_what_serves_customers_knows_that_it_is_in_production(service: str) -> None:
    told = Settings.model_validate({"production": environment_of(service)["AFTERSALES_PRODUCTION"]})
    assert told.production


def environment_of(service: str) -> dict[str, str]:
    return {name: value for owner, name, value in environment() if owner == service}


def test_the_worker_is_given_longer_than_it_takes_to_drain() -> None:
    assert seconds(SERVICES["worker"]["stop_grace_period"]) > DRAIN + timedelta(seconds=10)


def test_the_api_is_given_longer_than_its_requests() -> None:
    options = [str(part).partition("=") for part in SERVICES["api"]["command"]]
    drain = {name: value for name, _, value in options}["--timeout-graceful-shutdown"]
    assert seconds(SERVICES["api"]["stop_grace_period"]) > seconds(drain)


def test_images_of_others_are_pinned_to_a_release() -> None:
    images = {content["image"] for content in SERVICES.values() if "build" not in content}
    images |= set(re.findall(r"^FROM (\S+)", DOCKERFILE.read_text(), re.MULTILINE))
    assert len(images) == 5
    assert [image for image in images if not re.search(r":\d+\.\d+(\.\d+)?(-\w+)*$", image)] == []


def test_only_the_api_is_open_and_the_temporal_page_on_loopback() -> None:
    published = {name: content["ports"] for name, content in SERVICES.items() if "ports" in content}
    assert published == {
        "api": ["${API_PORT:-8000}:8000"],
        "temporal-ui": ["127.0.0.1:8233:8080"],
    }


def test_the_temporal_page_changes_nothing_unless_asked_for() -> None:
    told = environment_of("temporal-ui")["TEMPORAL_DISABLE_WRITE_ACTIONS"]
    assert told == "${TEMPORAL_UI_READ_ONLY:-true}"


def test_servers_are_restarted_and_jobs_run_once() -> None:
    jobs = {name for name, content in SERVICES.items() if content["restart"] == "no"}
    servers = {name for name, content in SERVICES.items() if content["restart"] == "unless-stopped"}
    assert jobs == waited_for("service_completed_successfully")
    assert jobs | servers == set(SERVICES)


def test_a_server_that_others_wait_for_tells_whether_it_is_well() -> None:
    checked = {name for name, content in SERVICES.items() if "healthcheck" in content}
    assert waited_for("service_healthy") | {"api", "worker"} == checked


def test_our_containers_can_neither_write_their_files_nor_gain_rights() -> None:
    ours = [content for content in SERVICES.values() if "build" in content]
    assert len(ours) == 4
    for content in ours:
        assert content["read_only"] is True
        assert content["cap_drop"] == ["ALL"]
        assert content["security_opt"] == ["no-new-privileges:true"]


def test_photos_are_kept_where_api_and_worker_reach_them_and_containers_leave_them() -> None:
    assert re.search(r"install --directory --owner=aftersales /photos", DOCKERFILE.read_text())
    for service in ("api", "worker"):
        assert "photos:/photos" in SERVICES[service]["volumes"]
        told = environment_of(service)["AFTERSALES_PHOTOS_URL"]
        assert told == "${AFTERSALES_PHOTOS_URL:-file:///photos}"


def test_revocations_outlive_the_database_and_every_start_reads_them() -> None:
    assert re.search(
        r"install --directory --owner=aftersales .*/revocations$", DOCKERFILE.read_text(), re.M
    )
    for service in ("api", "worker", "migrate"):
        assert "revocations:/revocations" in SERVICES[service]["volumes"]
        assert environment_of(service)["AFTERSALES_REVOCATIONS"].startswith("/revocations/")


@pytest.mark.parametrize("service", ["api", "worker"])
def test_the_policy_is_a_file_of_the_shops_own(service: str) -> None:
    (mounted,) = SERVICES[service]["configs"]
    assert environment_of(service)["AFTERSALES_POLICY"] == mounted["target"]
    file = yaml.safe_load(FILE.read_text())["configs"][mounted["source"]]["file"]
    assert REQUIRED.fullmatch(file)
