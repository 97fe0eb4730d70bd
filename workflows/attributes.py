"""What operators search cases by in the Temporal UI. Never encrypted, so no personal data."""

from temporalio.common import (
    SearchAttributeKey,
    SearchAttributePair,
    SearchAttributeUpdate,
    TypedSearchAttributes,
)

from domain.cases import CaseView

CASE_STAGE = SearchAttributeKey.for_keyword("CaseStage")
CASE_WAITING_FOR = SearchAttributeKey.for_keyword("CaseWaitingFor")
CASE_ORDER = SearchAttributeKey.for_keyword("CaseOrder")
CASE_STOREFRONT = SearchAttributeKey.for_keyword("CaseStorefront")
CASE_DUE_AT = SearchAttributeKey.for_datetime("CaseDueAt")
CASE_AMOUNT = SearchAttributeKey.for_int("CaseAmount")


def at_start(case: CaseView) -> TypedSearchAttributes:
    """The attributes a workflow starts with; unset where there is nothing to say."""
    pairs: list[SearchAttributePair] = [  # type: ignore[type-arg]
        SearchAttributePair(CASE_STAGE, case.stage.value),
        SearchAttributePair(CASE_ORDER, case.order_id),
        SearchAttributePair(CASE_STOREFRONT, case.storefront),
        SearchAttributePair(CASE_AMOUNT, case.amount),
    ]
    if case.waiting_for:
        pairs.append(SearchAttributePair(CASE_WAITING_FOR, case.waiting_for.value))
    if case.due_at:
        pairs.append(SearchAttributePair(CASE_DUE_AT, case.due_at))
    return TypedSearchAttributes(pairs)


def changes(before: CaseView, after: CaseView) -> list[SearchAttributeUpdate]:  # type: ignore[type-arg]
    """What to update when a case has moved on; nothing if operators would see no difference."""
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
    if after.amount != before.amount:
        updates.append(CASE_AMOUNT.value_set(after.amount))
    return updates
