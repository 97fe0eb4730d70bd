"""How is a connection cut? uvicorn's HTTP protocol, with every live connection within reach."""

import asyncio
import socket
import struct
from typing import cast

from uvicorn.protocols.http.h11_impl import H11Protocol

_live: dict[tuple[str, int], asyncio.Transport] = {}


class Wire(H11Protocol):
    """Serves as uvicorn does, and remembers the connection by the client's address."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        _live[self._peer(transport)] = transport

    def connection_lost(self, exc: Exception | None) -> None:
        _live.pop(self._peer(self.transport), None)
        super().connection_lost(exc)

    @staticmethod
    def _peer(transport: asyncio.Transport) -> tuple[str, int]:
        return cast(tuple[str, int], transport.get_extra_info("peername")[:2])


def reset(client: tuple[str, int]) -> None:
    """Cut a client off so that it sees a reset, not an orderly end."""
    transport = _live.get(client)
    if transport is None:
        return
    at_once = struct.pack("ii", 1, 0)
    transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, at_once)
    transport.abort()
