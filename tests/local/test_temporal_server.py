"""Is our Temporal usable as soon as it says so, and again after a crash or an upgrade?"""

import asyncio
from pathlib import Path

import pytest
from google.protobuf.duration_pb2 import Duration
from temporalio.api.operatorservice.v1 import ListSearchAttributesRequest
from temporalio.api.workflowservice.v1 import DescribeNamespaceRequest
from temporalio.client import Client

from runtime.temporal_server import NAMESPACE, TemporalServer


def attributes(server: TemporalServer) -> set[str]:
    async def ask() -> set[str]:
        client = await Client.connect(server.address)
        request = ListSearchAttributesRequest(namespace=NAMESPACE)
        answer = await client.operator_service.list_search_attributes(request)
        return set(answer.custom_attributes)

    return asyncio.run(ask())


def retention(server: TemporalServer) -> Duration:
    async def ask() -> Duration:
        client = await Client.connect(server.address)
        request = DescribeNamespaceRequest(namespace=NAMESPACE)
        answer = await client.workflow_service.describe_namespace(request)
        return answer.config.workflow_execution_retention_ttl

    return asyncio.run(ask())


def test_closed_workflows_are_kept_for_30_days(tmp_path: Path) -> None:
    with TemporalServer(tmp_path / "t.db", log=tmp_path / "log") as server:
        assert retention(server).seconds == 30 * 24 * 3600


def test_an_attribute_that_is_new_in_an_upgrade_reaches_an_old_database(tmp_path: Path) -> None:
    database, log = tmp_path / "t.db", tmp_path / "log"
    with TemporalServer(database, log=log, search_attributes={"CaseStage": "Keyword"}) as server:
        assert attributes(server) == {"CaseStage"}
    newer = {"CaseStage": "Keyword", "CaseAmount": "Int"}
    with TemporalServer(database, log=log, search_attributes=newer) as server:
        assert attributes(server) == {"CaseStage", "CaseAmount"}


def test_a_profile_for_some_cloud_does_not_divert_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    profile = tmp_path / ".config" / "temporalio" / "temporal.yaml"
    profile.parent.mkdir(parents=True)
    profile.write_text('env: {default: {address: "127.0.0.1:9", port: "9", tls: "true"}}')
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(profile.parents[1]))
    monkeypatch.setenv("TEMPORAL_TLS", "true")
    with TemporalServer(None, log=tmp_path / "log", search_attributes={"A": "Int"}) as server:
        assert attributes(server) == {"A"}
