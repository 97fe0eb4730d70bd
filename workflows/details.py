"""What an operator reads at the top of a case in the Temporal UI: who, what, until when, how.

Or at the top of a review or feedback.
"""

from domain.cases import Attention, CaseView, Stage, workflow_id
from domain.money import readable
from domain.submissions import SUBMISSION_AUDITS, SubmissionView

WHY_PARKED = {
    Attention.PARCEL_SILENT: "The carrier has said nothing for too long: ask it, then go on.",
    Attention.PARCEL_ASTRAY: "The parcel is going back or was cancelled: it does not arrive.",
    Attention.DISPATCH_REFUSED: "The carrier refused to take the parcel to the buyer.",
    Attention.REPAIR_UNPAID: "The unit is repaired and its buyer has not paid: ask once more.",
    Attention.OUT_OF_STOCK: "What goes back to the buyer was sold: get some, then go on.",
    Attention.BILL_REFUSED: "The gateway would not ask the buyer for the money: see its code.",
    Attention.NOT_RETURNED: "Refunded first, neither returned nor paid for: ask once more.",
    Attention.PAYOUT_DECLINED: "The gateway declined the payout for good.",
    Attention.PAYOUT_IN_DOUBT: "The gateway owes an answer about the payout, and is asked on."
    " After doubt_hours of the policy two people may settle it.",
    Attention.PAYOUT_REVERSED: "The gateway took the payout back after its success.",
    Attention.OFFLINE_PAYMENT: "The order was paid offline: pay the buyer, then settle.",
    Attention.PAYMENTS_DO_NOT_COVER: "The order's payments hold less than the case has to pay.",
    Attention.CHARGE_MISMATCH: "The charge is not as our books have it: nothing was sent.",
    Attention.CHARGE_UNREADABLE: "The gateway does not show the charge, and is asked on.",
    Attention.AMOUNT_NOT_EXPRESSIBLE: "The gateway cannot move this amount: pay it otherwise.",
    Attention.GATEWAY_REFUSES_US: "The gateway does not take our key: mend it; it is tried on.",
}

PAID_BY_HAND = (
    Attention.OFFLINE_PAYMENT,
    Attention.PAYMENTS_DO_NOT_COVER,
    Attention.AMOUNT_NOT_EXPRESSIBLE,
)


def details(case: CaseView) -> str:
    """Markdown; ids, codes, amounts and times only."""
    lines = [f"**{readable(case.amount, case.currency)}** · order `{case.order_id}` · {case.stage}"]
    if case.waiting_for:
        due = f" until {case.due_at:%Y-%m-%d %H:%M} UTC" if case.due_at else ""
        lines.append(f"Waits for the **{case.waiting_for}**{due}.")
    if case.attention:
        lines.append(WHY_PARKED[case.attention])
    lines += [f"```\n{folded(command)}\n```" for command in commands(case)]
    return "\n\n".join(lines)


def submission_details(said: SubmissionView) -> str:
    """The same of a review or feedback: what was said itself is never here."""
    lines = [f"**{said.kind.capitalize()}** of {said.about} · {said.stage}"]
    if said.waiting_for:
        due = f" until {said.due_at:%Y-%m-%d %H:%M} UTC" if said.due_at else ""
        lines.append(f"Waits for the **{said.waiting_for}**{due}.")
    lines += [f"```\n{folded(command)}\n```" for command in submission_commands(said)]
    return "\n\n".join(lines)


def submission_commands(said: SubmissionView) -> list[str]:
    """What a person can type to decide on it."""
    if said.stage not in SUBMISSION_AUDITS:
        return []
    signal = f"temporal workflow signal --workflow-id {said.kind}/{said.submission_id}"
    refusal = '{"actor": "NAME", "reason": "other", "note": ""}'
    return [
        f'{signal} --name approve --input \'{{"actor": "NAME"}}\'',
        f"{signal} --name reject --input '{refusal}'",
    ]


def folded(command: str) -> str:
    """One option a line: the UI cuts off what is longer than its panel."""
    return command.replace(" --", " \\\n  --")


def commands(case: CaseView) -> list[str]:
    """What a person can type to move the case on."""
    match case.stage:
        case Stage.AWAITING_AUDIT | Stage.AWAITING_SECOND_AUDIT:
            signal = (
                f"temporal workflow signal --workflow-id {workflow_id(case.kind, case.case_id)}"
            )
            reject = '{"actor": "NAME", "reason": "other", "note": ""}'
            return [
                f'{signal} --name approve --input \'{{"actor": "NAME"}}\'',
                f"{signal} --name reject --input '{reject}'",
            ]
        case Stage.NEEDS_ATTENTION:
            resume = f"aftersales resume {case.case_id}"
            if case.attention in (Attention.PARCEL_SILENT, Attention.PARCEL_ASTRAY):
                return [
                    f"{resume} --action retry --note NOTE",
                    f"aftersales lost {case.case_id} --note NOTE",
                ]
            if case.attention in PAID_BY_HAND:
                return [f"{resume} --action settle --reference REFERENCE --note NOTE"]
            retry = f"{resume} --action retry --note NOTE"
            if case.attention == Attention.PAYOUT_IN_DOUBT:
                return [retry, f"{resume} --action settle --reference REFERENCE --note NOTE"]
            if case.attention == Attention.CHARGE_MISMATCH:
                return [retry, f"{resume} --action accept --note NOTE"]
            return [retry]
        case _:
            return []
