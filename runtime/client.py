"""How we plug into Temporal: the connection, the data converter, the workflow sandbox."""

from typing import Any

from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.converter import SerializationContext, WorkflowSerializationContext
from temporalio.envconfig import ClientConfig
from temporalio.worker import WorkflowInstance, WorkflowInstanceDetails
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


class Sandbox(SandboxedWorkflowRunner):
    """The SDK's sandbox, which is asked whose payload it decodes, three times for each signal. To
    look inside for the answer takes 0.4 ms a signal, on the thread that all workflows share, and a
    case with 5,000 of them never came to its own in the 5 s of a workflow task.
    """

    def create_instance(self, det: WorkflowInstanceDetails) -> WorkflowInstance:
        instance = super().create_instance(det)
        of_command = instance.get_serialization_context
        of_workflow = WorkflowSerializationContext(det.info.namespace, det.info.workflow_id)

        def context(command_info: Any) -> SerializationContext | None:
            """What it says inside, where the payload is of no command."""
            return of_command(command_info) if command_info else of_workflow

        instance.get_serialization_context = context  # type: ignore[method-assign]
        return instance


def workflow_runner() -> SandboxedWorkflowRunner:
    """The sandbox that workers, tests and replays run workflows in."""
    return Sandbox(restrictions=SandboxRestrictions.default.with_passthrough_modules(*PURE))
