"""Which local ports are free for our servers, and which answer already?"""

import http.client
import random
import socket
import time
from collections.abc import Set
from contextlib import suppress
from pathlib import Path

RELEASE_TIME = 1.5  # seconds that a killed predecessor may take to let go of its port
LOCAL_PORT_RANGE = Path("/proc/sys/net/ipv4/ip_local_port_range")


def is_free(port: int) -> bool:
    """Whether a server could listen on this loopback port now."""
    with socket.socket() as probe:
        # Connections that a former server left in TIME_WAIT do not make a port taken.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
            probe.listen(1)
        except OSError:
            return False
    return True


def becomes_free(port: int) -> bool:
    """Whether the port is free, or let go by a dying predecessor within a moment."""
    deadline = time.monotonic() + RELEASE_TIME
    while not is_free(port):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def accepts(port: int) -> bool:
    """Whether somebody listens there."""
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


def http_status(port: int, path: str) -> int | None:
    """What a local server answers to a GET, None if it does not."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=1)
    try:
        connection.request("GET", path)
        return connection.getresponse().status
    except (OSError, http.client.HTTPException):
        return None
    finally:
        connection.close()


def free_port(*, besides: Set[int] = frozenset()) -> int:
    """A free port, none of `besides`, below the kernel's range for outgoing connections.

    A port out of that range could be taken by any client while its server restarts; even
    by the server's own client, which then connects to itself.
    """
    ceiling = 32768
    with suppress(OSError, ValueError):
        ceiling = int(LOCAL_PORT_RANGE.read_text().split()[0])
    candidates = range(15_000, ceiling if ceiling > 16_000 else 65_535)
    while (port := random.choice(candidates)) in besides or not is_free(port):
        pass
    return port
