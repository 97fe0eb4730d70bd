"""A server in the place of api, worker or sandbox: it answers, and ends when told to."""

import os
import signal
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path


class Answer(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()


def main(role: str, options: list[str]) -> None:
    if role == "broken":
        sys.exit("cannot work")
    ended = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: ended.set())
    if role == "worker":
        Path(os.environ["AFTERSALES_READY_FILE"]).touch()
    else:
        port = int(options[options.index("--port") + 1])
        server = ThreadingHTTPServer(("127.0.0.1", port), Answer)
        threading.Thread(target=server.serve_forever, daemon=True).start()
    while not ended.wait(0.1):
        pass


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
