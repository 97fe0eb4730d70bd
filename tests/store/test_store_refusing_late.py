"""An auditor says no once a parcel has left or money has gone, and come back."""

from uuid import UUID

import pytest

from domain.parcels import ParcelStatus
from domain.policy_parts import Trusted
from tests.shop import order_body, return_body
from tests.store.books import broken
from tests.store.dock import Dock
from tests.store.shelves import Shelves
from tests.store.test_store_refusing import counted, disputed, rejected
from tests.store.test_store_trust import BOUGHT, everything, returned, trusting
from tests.store.till import Till, refused

HERE, ON_ITS_WAY = ParcelStatus.DELIVERED, ParcelStatus.PICKED_UP


@pytest.fixture
def dock(till: Till) -> Dock:
    return Dock(till)


def audited_again(dock: Dock, case_id: UUID, approver: str = "alice") -> UUID:
    """The money has come back, and who approved it is gone before it is paid once more."""
    dock.till.reverse(case_id)
    dock.shop.revoke(approver)
    dock.shop.resume(case_id, action="retry")
    dock.till.stands(case_id)
    assert dock.stands(case_id) == ("awaiting_second_audit", "auditor", 0)
    return case_id


def sent(dock: Dock) -> UUID:
    """An exchange whose buyer was paid 3.00, and to whom the replacement is on its way."""
    Shelves(dock.shop).put(2, sku="NEW1")
    case_id = counted(dock, "exchange")
    everything(dock, case_id)
    dock.till.pay(case_id)
    everything(dock, case_id)
    dock.seen(ON_ITS_WAY, number="OUT1")
    return case_id


def closed(dock: Dock, case_id: UUID) -> tuple[str, str | None, int]:
    everything(dock, case_id)
    case = dock.case(case_id)
    return case.stage, case.outcome, case.paid


def test_what_was_replaced_stays_with_the_shop_when_the_rest_is_refused(dock: Dock) -> None:
    case_id = sent(dock)
    dock.seen(HERE, number="OUT1")
    rejected(dock, audited_again(dock, case_id))
    assert closed(dock, case_id) == ("rejected", "rejected", 0)
    assert dock.till.units().settled == 2


def test_a_replacement_that_is_on_its_way_is_waited_for_when_the_rest_is_refused(
    dock: Dock,
) -> None:
    case_id = sent(dock)
    rejected(dock, audited_again(dock, case_id))
    assert dock.stands(case_id) == ("shipping", "carrier", 0)
    assert dock.till.units().free == 0
    dock.seen(HERE, number="OUT1")
    assert closed(dock, case_id) == ("rejected", "rejected", 0)
    assert dock.till.units().settled == 2


def test_a_replacement_that_turned_round_meanwhile_is_looked_for_when_the_rest_is_refused(
    dock: Dock,
) -> None:
    case_id = audited_again(dock, sent(dock))
    dock.seen(ParcelStatus.RETURN_TO_SENDER, number="OUT1")
    rejected(dock, case_id)
    assert dock.case(case_id).attention == "parcel_astray"
    assert dock.till.units().free == 0


def test_what_the_shop_keeps_is_not_refused_once_the_rest_has_gone_back(dock: Dock) -> None:
    dock.shop.sell("o1", order_body((2, 1000)))
    case_id = dock.shop.apply(return_body((1, 2))).case_id
    dock.shop.approve(case_id, dock.shop.auditor)
    dock.inspect(case_id, 2, 1)
    dock.offer(case_id, 0)
    dock.till.pay(case_id)
    everything(dock, case_id)
    dock.seen(HERE, number="OUT1")
    audited_again(dock, case_id)
    with refused("already-decided"):
        dock.shop.reject(case_id)
    dock.shop.approve(case_id, amount=100)
    dock.till.pay(case_id)
    assert dock.case(case_id).paid == 100


@pytest.fixture(params=["on the shelf", "not on the shelf yet"])
def lost(request: pytest.FixtureRequest, dock: Dock) -> UUID:
    """Two units that were refused, and lost on their way back to their buyer."""
    case_id = counted(dock)
    if request.param == "on the shelf":
        dock.done(case_id)
    rejected(dock, disputed(dock, case_id))
    assert broken(dock.shop.database) == {}
    everything(dock, case_id)
    dock.seen(ON_ITS_WAY, number="OUT1")
    dock.lose(case_id)
    dock.till.stands(case_id)
    assert dock.stands(case_id) == ("awaiting_second_audit", "auditor", 0)
    assert broken(dock.shop.database) == {}
    return case_id


def test_refused_goods_that_are_lost_on_their_way_back_may_be_paid(dock: Dock, lost: UUID) -> None:
    dock.shop.approve(lost)
    dock.till.pay(lost)
    assert closed(dock, lost) == ("completed", "refunded", 1000)
    assert dock.till.units().settled == 2


def test_refused_goods_that_are_lost_on_their_way_back_may_be_refused_again(
    dock: Dock, lost: UUID
) -> None:
    dock.shop.reject(lost)
    assert closed(dock, lost) == ("rejected", "rejected", 0)
    assert dock.till.units().free == 2


def test_no_approval_from_before_a_refusal_pays_for_what_is_lost(dock: Dock) -> None:
    dock.shop.policy = dock.shop.policy.model_copy(update={"second_approval_above": 1})
    dock.shop.sell("o1", order_body((2, 1000)))
    case_id = dock.shop.apply(return_body((1, 2))).case_id
    dock.shop.approve(case_id)
    dock.shop.approve(case_id, dock.shop.other_lead)
    dock.inspect(case_id, 2, 2)
    dock.shop.revoke("leo")
    dock.till.stands(case_id)
    rejected(dock, case_id)
    everything(dock, case_id)
    dock.seen(ON_ITS_WAY, number="OUT1")
    dock.shop.policy = dock.shop.policy.model_copy(update={"second_approval_above": 100_000})
    dock.lose(case_id)
    dock.till.stands(case_id)
    assert dock.stands(case_id) == ("awaiting_second_audit", "auditor", 0)


@pytest.fixture
def charged(till: Till) -> tuple[Dock, UUID]:
    """A buyer who was paid 10.00 first, sent nothing, and has paid that back; and the refund has
    come back as well.
    """
    dock = trusting(till, Trusted(good_returns=1, up_to={"GBP": 1000}))
    returned(dock, "before")
    case_id = dock.approved()
    till.pay(case_id)
    dock.days_pass(case_id, 8)
    everything(dock, case_id, collect_bill=BOUGHT)
    till.complete(case_id)
    return dock, audited_again(dock, case_id, "lea")


def test_a_charge_goes_back_if_the_refund_has_not_stayed_and_is_refused(
    charged: tuple[Dock, UUID],
) -> None:
    dock, case_id = charged
    dock.shop.reject(case_id, dock.shop.other_lead)
    assert "refund_bill" in everything(dock, case_id)
    assert dock.case(case_id).outcome == "rejected"


def test_a_charge_goes_back_if_the_refund_has_not_stayed_and_is_taken_back(
    charged: tuple[Dock, UUID],
) -> None:
    dock, case_id = charged
    dock.shop.cancel(case_id)
    assert "refund_bill" in everything(dock, case_id)
    assert dock.case(case_id).outcome == "cancelled"
