"""What happens, in order: one workflow type per kind of case."""

from domain.cases import Kind
from workflows.refunds import RefundWorkflow

TASK_QUEUE = "aftersales"

WORKFLOWS = {Kind.REFUND: RefundWorkflow}
"""The workflow type of each kind that is offered."""
