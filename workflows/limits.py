"""Every timeout, retry and interval of the workflows, with its unit and its reason."""

from dataclasses import dataclass
from datetime import timedelta

from temporalio.common import RetryPolicy

WORKFLOW_TASK_TIMEOUT = timedelta(seconds=5)
"""How soon a case goes on after its worker was killed in the middle of a task."""

RECORD_TIMEOUT = timedelta(seconds=10)
"""One database step. Statements end after 4 s by themselves; a few make a step."""

RECORD_RETRY = RetryPolicy(
    initial_interval=timedelta(milliseconds=200),
    backoff_coefficient=2,
    maximum_interval=timedelta(seconds=5),
)
"""Without end: PostgreSQL being away costs time, never a case."""

GATEWAY_TIMEOUT = timedelta(seconds=12)
"""One gateway step. What is below it ends first (5.5 s for reading charges, 5 s for the HTTP call
that moves money), so no attempt that Temporal gave up can still be on its way to the gateway."""


def _retry(most: timedelta) -> RetryPolicy:
    return RetryPolicy(
        initial_interval=timedelta(seconds=1), backoff_coefficient=2, maximum_interval=most
    )


GATEWAY_RETRY = _retry(timedelta(seconds=10))
"""Without end, for faults of our own. When the gateway owes an answer the activity itself says
when to ask again."""


@dataclass(frozen=True)
class Limits:
    """One step with one party: how long it may take, and how soon it is taken again after a fault
    of our own. When the party owes an answer, the activity itself says when to ask again.
    """

    timeout: timedelta
    retry: RetryPolicy


CARRIER = Limits(timedelta(seconds=12), _retry(timedelta(minutes=1)))
"""Carriers behind karrio take two calls, a token and a booking, each within its own timeout. No
step waits longer than this for a worker that died in the middle of it.
"""

INVENTORY = Limits(timedelta(seconds=12), _retry(timedelta(seconds=10)))
"""One database step a line. Lines that did not fit are done by the next try: each has its key."""

REPAIR_SHOP = Limits(GATEWAY_TIMEOUT, _retry(timedelta(minutes=1)))

CHECKOUT = Limits(GATEWAY_TIMEOUT, _retry(timedelta(seconds=10)))
"""The gateway that also refunds; listing what it has opened is several short calls."""

ASK_ONCE_RETRY = RetryPolicy(maximum_attempts=1)
"""A person asked: the gateway is asked at once, and the standing question goes on beside it."""

SIGNALS_AT_ONCE = 100
"""One database step settles so many signals; the others wait for the next one."""

FLOOD_PAUSE = timedelta(seconds=1)
"""How long to wait between two steps while more signals wait than one settles, and to go on waiting
while as many more come in: Temporal breaks off any workflow task during which 100 events come in,
and with it what was settled there. No run takes more than 10,000 signals, so a flood passes."""

SIGNAL_LIMIT_BYTES = 16_384
"""No message of ours is longer; what is, is refused without being read."""

RECONCILIATION_TIMEOUT = timedelta(hours=1)
"""All pages of every gateway's list since the reading before, and the comparison; then the next
one is due."""

RECONCILIATION_HEARTBEAT = timedelta(minutes=15)
"""A page is tried again for at most a minute, the comparison may take ten."""

RECONCILIATION_RETRY = RetryPolicy(initial_interval=timedelta(seconds=10), maximum_attempts=3)
"""Only faults of our own get here; the next hour tries again anyway."""
