"""What happens, in order: one workflow type per kind of case, and of what buyers say."""

from domain.cases import Kind
from domain.submissions import SubmissionKind
from workflows.exchanges import ExchangeWorkflow
from workflows.feedback import FeedbackWorkflow
from workflows.refunds import RefundWorkflow
from workflows.repairs import RepairWorkflow
from workflows.returns import ReturnWorkflow
from workflows.reviews import ReviewWorkflow

TASK_QUEUE = "aftersales"

WORKFLOWS: dict[Kind | SubmissionKind, type] = {
    Kind.REFUND: RefundWorkflow,
    Kind.RETURN: ReturnWorkflow,
    Kind.EXCHANGE: ExchangeWorkflow,
    Kind.REPAIR: RepairWorkflow,
    SubmissionKind.REVIEW: ReviewWorkflow,
    SubmissionKind.FEEDBACK: FeedbackWorkflow,
}
"""The workflow type of each kind."""
