"""How we plug into Temporal: the connection, the data converter, the workflow sandbox."""

from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.envconfig import ClientConfig
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner, SandboxRestrictions

from runtime.settings import Settings

PURE = ("domain", "activities", "store", "gateways", "pydantic", "sqlalchemy", "psycopg2")
"""Passed through the sandbox: rules without clock or I/O, and what activities are made of, which
workflows only refer to. The workflow modules themselves must stay out of this list."""

CONVERTER = pydantic_data_converter


async def connect(settings: Settings) -> Client:
    """A client of the namespace in the settings. TLS and API key come from `TEMPORAL_*` variables,
    as for every Temporal tool.
    """
    config = ClientConfig.load_client_connect_config()
    config["target_host"] = settings.temporal
    config["namespace"] = settings.temporal_namespace
    return await Client.connect(**config, data_converter=CONVERTER)


def workflow_runner() -> SandboxedWorkflowRunner:
    """The sandbox that workers, tests and replays run workflows in."""
    return SandboxedWorkflowRunner(
        restrictions=SandboxRestrictions.default.with_passthrough_modules(*PURE)
    )
