"""Who has a label to print, and does it keep silent about the buyer?"""

import pytest

from domain.cases import AUDITS, TERMINAL, Kind, Stage
from domain.labels import label_lines, parcel_is_to_come
from domain.policy_parts import Warehouse

WAREHOUSE = Warehouse(
    name="Returns",
    phone="+44 20 7946 0000",
    lines=("Unit 4", "1 Sample Road"),
    city="London",
    region="England",
    postal_code="E1 6AN",
    country="GB",
)


@pytest.mark.parametrize("stage", Stage)
def test_a_refund_never_has_a_label(stage: Stage) -> None:
    assert not parcel_is_to_come(Kind.REFUND, stage)


@pytest.mark.parametrize("kind", [Kind.RETURN, Kind.EXCHANGE, Kind.REPAIR])
def test_goods_have_a_label_from_their_approval_until_the_case_is_closed(kind: Kind) -> None:
    without = {stage for stage in Stage if not parcel_is_to_come(kind, stage)}
    assert without == AUDITS | TERMINAL


def test_a_label_names_the_order_the_storefront_and_the_warehouse_and_nothing_else() -> None:
    assert label_lines("536365", "demo", WAREHOUSE) == [
        "Order 536365",
        "Storefront demo",
        "",
        "Returns",
        "Unit 4",
        "1 Sample Road",
        "London",
        "England",
        "E1 6AN GB",
        "+44 20 7946 0000",
    ]


def test_a_country_without_regions_or_postal_codes_leaves_no_gap() -> None:
    place = WAREHOUSE.model_copy(update={"region": None, "postal_code": None})
    assert label_lines("1", "demo", place)[-3:] == ["London", "GB", "+44 20 7946 0000"]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", "x" * 36),
        ("name", ""),
        ("city", "伦敦"),
        ("phone", "call us"),
        ("country", "gb"),
        ("lines", ()),
        ("lines", ("a", "b", "c", "d")),
        ("lines", ("a\nb",)),
    ],
)
def test_an_address_that_no_carrier_takes_is_refused(field: str, value: object) -> None:
    with pytest.raises(ValueError, match=field):
        Warehouse.model_validate(WAREHOUSE.model_dump() | {field: value})
