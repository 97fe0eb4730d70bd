"""Who is asked for advice? A process of its own: there a model may be slow, greedy or crash."""

import logging
import os
import subprocess
import sys
import threading
from collections.abc import Sequence

from pydantic import TypeAdapter

from domain.advice import Advice, Question
from store.advice import AGAIN

COMMAND = (sys.executable, "-P", "-m", "advice")
LIMIT = AGAIN.total_seconds()
"""For one text, the loading and training of models before the first one included: seconds where
there is nothing else to do, minutes behind a busy machine's work, and nobody waits for it.
"""

ONE_CORE = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
"""It takes no more than one core from those who are waited for."""

OUR_SETTINGS = "AFTERSALES_"
"""No model needs them, and there are secrets among them."""

QUESTION = TypeAdapter(Question)
ADVICE = TypeAdapter(Advice)

log = logging.getLogger(__name__)


class Adviser:
    """The process, started with the first question and again after each that it died over."""

    def __init__(self, command: Sequence[str] = COMMAND, limit: float = LIMIT) -> None:
        self._command = list(command)
        self._limit = limit
        self._process: subprocess.Popen[bytes] | None = None
        self._closed = False
        self._starting = threading.Lock()

    def ask(self, question: Question) -> Advice | None:
        """What it says; None if it died over the text, was too slow, or made no sense."""
        try:
            process = self._running()
        except OSError as error:
            log.warning("the models could not be started: %s", type(error).__name__)
            return None
        if process is None:
            return None
        timer = threading.Timer(self._limit, process.kill)
        timer.start()
        try:
            return ADVICE.validate_json(_asked(process, QUESTION.dump_json(question)))
        except (OSError, ValueError) as error:
            log.warning("the models said nothing of a text: %s", type(error).__name__)
            process.kill()
            process.wait()  # else the next question might still go to it
            return None
        finally:
            timer.cancel()

    def close(self) -> None:
        """End it, whatever it is doing. Whoever waits in `ask` gets None, now and from then on."""
        with self._starting:
            self._closed = True
            if self._process is not None:
                self._process.kill()
                self._process.wait()

    def _running(self) -> subprocess.Popen[bytes] | None:
        with self._starting:
            if self._closed:
                return None
            if self._process is None or self._process.poll() is not None:
                self._process = subprocess.Popen(
                    self._command,
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    env=_environment(),
                )
            return self._process


def _environment() -> dict[str, str]:
    kept = {name: said for name, said in os.environ.items() if not name.startswith(OUR_SETTINGS)}
    return kept | ONE_CORE


def _asked(process: subprocess.Popen[bytes], question: bytes) -> bytes:
    assert process.stdin
    assert process.stdout
    process.stdin.write(question + b"\n")
    process.stdin.flush()
    return process.stdout.readline()
