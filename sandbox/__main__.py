"""How is the sandbox started? `python -m sandbox --port P --data DIR [--webhook-url URL] ...`."""

import argparse
import socket
import sys
from pathlib import Path

import uvicorn

from sandbox.app import make_app
from sandbox.book import BookInUse
from sandbox.faults import Party
from sandbox.webhooks import Webhooks
from sandbox.wire import Wire

HOST = "127.0.0.1"  # it moves pretended money for anybody who asks: never beyond this machine


def main() -> None:
    options = _options()
    webhooks: dict[Party, Webhooks] = {}
    if options.webhook_url:
        webhooks["payments"] = Webhooks(options.webhook_url, options.webhook_secret)
    if options.carrier_webhook_url:
        webhooks["carrier"] = Webhooks(
            options.carrier_webhook_url, options.carrier_webhook_secret, "Carrier-Signature"
        )
    try:
        app = make_app(options.data, webhooks)
        listening = socket.create_server((HOST, options.port), backlog=512)
    except (BookInUse, OSError) as reason:
        sys.exit(f"sandbox cannot start: {type(reason).__name__}: {reason}")
    print(f"sandbox at http://{HOST}:{listening.getsockname()[1]}", flush=True)
    config = uvicorn.Config(
        app,
        http=Wire,
        log_level="warning",
        access_log=False,
        # Longer than clients keep idle connections, so that it is they who close them.
        timeout_keep_alive=75,
        timeout_graceful_shutdown=2,
    )
    uvicorn.Server(config).run(sockets=[listening])


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m sandbox", description=__doc__)
    parser.add_argument("--port", type=int, required=True, help="0 takes a free one")
    parser.add_argument("--data", type=Path, required=True, help="where the book is kept")
    parser.add_argument("--webhook-url", help="where events of payments are posted")
    parser.add_argument("--webhook-secret", default="whsec_sandbox", help="signs the events")
    parser.add_argument("--carrier-webhook-url", help="where reports of parcels are posted")
    parser.add_argument("--carrier-webhook-secret", default="whsec_sandbox", help="signs them")
    return parser.parse_args()


if __name__ == "__main__":
    main()
