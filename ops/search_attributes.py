"""Registers what operators search cases by, on a Temporal that may still be coming up."""

import asyncio
from time import monotonic

from temporalio.api.enums.v1 import IndexedValueType
from temporalio.api.operatorservice.v1 import (
    AddSearchAttributesRequest,
    ListSearchAttributesRequest,
)
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from domain.search_attributes import ALL
from ops.failures import Failed
from runtime.client import connect
from runtime.settings import settings

PATIENCE = 120.0  # seconds
PAUSE = 1.0

# Not a matter of time: a wrong address's certificate, a missing permission, a taken name.
FINAL = (
    RPCStatusCode.UNAUTHENTICATED,
    RPCStatusCode.PERMISSION_DENIED,
    RPCStatusCode.INVALID_ARGUMENT,
)


def register() -> None:
    """Returns once Temporal has all attributes. Safe to repeat. Raises Failed."""
    asyncio.run(_register_patiently())
    print(f"{', '.join(ALL)} are registered")


async def _register_patiently() -> None:
    until = monotonic() + PATIENCE
    while True:
        try:
            client = await connect(settings())
            await _register(client)
            return
        except (RuntimeError, RPCError) as error:
            if isinstance(error, RPCError) and error.status in FINAL:
                raise Failed(f"Temporal refuses: {error.message}") from None
            if monotonic() > until:
                raise Failed(f"Temporal at {settings().temporal} does not answer") from None
        await asyncio.sleep(PAUSE)


async def _register(client: Client) -> None:
    namespace = client.namespace
    listed = await client.operator_service.list_search_attributes(
        ListSearchAttributesRequest(namespace=namespace)
    )
    wanted = {
        name: IndexedValueType.Value(f"INDEXED_VALUE_TYPE_{kind.upper()}")
        for name, kind in ALL.items()
        if name not in listed.custom_attributes
    }
    if wanted:
        await client.operator_service.add_search_attributes(
            AddSearchAttributesRequest(search_attributes=wanted, namespace=namespace)
        )
