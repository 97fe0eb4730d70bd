"""What operators search cases by in the Temporal UI. Never encrypted, so no personal data."""

from typing import TypeVar

from temporalio.common import (
    SearchAttributeKey,
    SearchAttributePair,
    SearchAttributeUpdate,
    TypedSearchAttributes,
)

from domain.cases import CaseView
from domain.submissions import SubmissionView

CASE_STAGE = SearchAttributeKey.for_keyword("CaseStage")
CASE_WAITING_FOR = SearchAttributeKey.for_keyword("CaseWaitingFor")
CASE_ORDER = SearchAttributeKey.for_keyword("CaseOrder")
CASE_STOREFRONT = SearchAttributeKey.for_keyword("CaseStorefront")
CASE_DUE_AT = SearchAttributeKey.for_datetime("CaseDueAt")
CASE_AMOUNT = SearchAttributeKey.for_int("CaseAmount")


def at_start(subject: CaseView | SubmissionView) -> TypedSearchAttributes:
    """The attributes a workflow starts with; unset where there is nothing to say."""
    pairs: list[SearchAttributePair] = [  # type: ignore[type-arg]
        SearchAttributePair(CASE_STAGE, subject.stage.value),
        SearchAttributePair(CASE_STOREFRONT, subject.storefront),
    ]
    if subject.order_id:
        pairs.append(SearchAttributePair(CASE_ORDER, subject.order_id))
    if isinstance(subject, CaseView):
        pairs.append(SearchAttributePair(CASE_AMOUNT, subject.amount))
    if subject.waiting_for:
        pairs.append(SearchAttributePair(CASE_WAITING_FOR, subject.waiting_for.value))
    if subject.due_at:
        pairs.append(SearchAttributePair(CASE_DUE_AT, subject.due_at))
    return TypedSearchAttributes(pairs)


Subject = TypeVar("Subject", CaseView, SubmissionView)


def changes(before: Subject, after: Subject) -> list[SearchAttributeUpdate]:  # type: ignore[type-arg]
    """What to update when a case or submission has moved on; nothing if operators would see no
    difference.
    """
    updates: list[SearchAttributeUpdate] = []  # type: ignore[type-arg]
    if after.stage != before.stage:
        updates.append(CASE_STAGE.value_set(after.stage.value))
    if after.waiting_for != before.waiting_for:
        waiting = after.waiting_for
        updates.append(
            CASE_WAITING_FOR.value_set(waiting.value) if waiting else CASE_WAITING_FOR.value_unset()
        )
    if after.due_at != before.due_at:
        due = after.due_at
        updates.append(CASE_DUE_AT.value_set(due) if due else CASE_DUE_AT.value_unset())
    if isinstance(after, CaseView) and after.amount != _amount(before):
        updates.append(CASE_AMOUNT.value_set(after.amount))
    return updates


def _amount(subject: CaseView | SubmissionView) -> int | None:
    return subject.amount if isinstance(subject, CaseView) else None
