"""What may leave an activity when it fails: the kind of error, never its text.

Database errors quote values, HTTP errors quote bodies; history and logs must hold neither.
"""

from typing import Any

from temporalio import activity
from temporalio.exceptions import ApplicationError, FailureError
from temporalio.worker import (
    ActivityInboundInterceptor,
    ExecuteActivityInput,
    Interceptor,
)


class Discretion(Interceptor):
    """Worker interceptor: replaces an unforeseen exception by one that only names its type."""

    def intercept_activity(self, next: ActivityInboundInterceptor) -> ActivityInboundInterceptor:
        return _Discreet(next)


class _Discreet(ActivityInboundInterceptor):
    async def execute_activity(self, input: ExecuteActivityInput) -> Any:
        try:
            return await super().execute_activity(input)
        except FailureError:
            raise
        except Exception as error:  # noqa: BLE001 - whatever it is, its text stays here
            kind = type(error).__name__
            place = _place(error)
            activity.logger.warning("activity failed: %s at %s", kind, place)
            raise ApplicationError(f"{kind} at {place}", type=kind) from None


def _place(error: BaseException) -> str:
    """The innermost frame, as `module:line`: enough to find it, nothing of what it held."""
    trace = error.__traceback__
    while trace and trace.tb_next:
        trace = trace.tb_next
    if trace is None:
        return "unknown"
    return f"{trace.tb_frame.f_globals.get('__name__')}:{trace.tb_lineno}"
