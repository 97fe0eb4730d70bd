"""Reconciliation: once an hour our books are compared with the gateways' own lists.

No case: it decides nothing, and what it finds is kept as rows for people.
"""

from temporalio import workflow

from activities.reconciliation import Reconciled, Reconciliation
from workflows import limits

RECONCILIATION_QUEUE = "aftersales-reconciliation"
"""A queue of its own: a long reading takes no place from a payout."""


@workflow.defn
class ReconciliationWorkflow:
    @workflow.run
    async def run(self) -> Reconciled:
        return await workflow.execute_activity_method(
            Reconciliation.reconcile_gateways,
            start_to_close_timeout=limits.RECONCILIATION_TIMEOUT,
            heartbeat_timeout=limits.RECONCILIATION_HEARTBEAT,
            retry_policy=limits.RECONCILIATION_RETRY,
            activity_id="reconcile-gateways",
            summary="compare with the gateways' lists",
        )
