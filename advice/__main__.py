"""A process that advises: a question a line in, advice a line out, until there are no more.

`python -m advice` keeps the models' time, memory and crashes out of the process that asks.
"""

import logging
import os
import sys

from pydantic import TypeAdapter

from advice.advising import advise
from domain.advice import Advice, Question

BACKGROUND = 10
"""How far (in `nice`) it stands back behind work that somebody waits for."""

QUESTION = TypeAdapter(Question)
ADVICE = TypeAdapter(Advice)


def run() -> None:
    """Answer until standard input ends, which it does when whoever asks has died."""
    os.nice(BACKGROUND)
    for line in sys.stdin.buffer:
        answer = advise(QUESTION.validate_json(line))
        sys.stdout.buffer.write(ADVICE.dump_json(answer) + b"\n")
        sys.stdout.buffer.flush()


if __name__ == "__main__":
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s %(message)s")
    run()
