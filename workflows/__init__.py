"""What happens, in order: one workflow type per kind of case."""

from domain.cases import Kind
from workflows.exchanges import ExchangeWorkflow
from workflows.refunds import RefundWorkflow
from workflows.repairs import RepairWorkflow
from workflows.returns import ReturnWorkflow

TASK_QUEUE = "aftersales"

WORKFLOWS = {
    Kind.REFUND: RefundWorkflow,
    Kind.RETURN: ReturnWorkflow,
    Kind.EXCHANGE: ExchangeWorkflow,
    Kind.REPAIR: RepairWorkflow,
}
"""The workflow type of each kind that is offered."""
