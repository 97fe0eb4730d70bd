"""Faults of input that others reported, each by its smallest input, on a running platform."""

from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
import requests
from PIL import Image

from tests.api.pictures import GREY, png
from tests.e2e.live import Live
from tests.ops.files import orders_file
from tests.ops.programs import Said, aftersales
from tests.shop import ADDRESS, order_body, request_body

NOBODY = "019adf2a-0c00-7000-8000-000000000000"


def told(answer: requests.Response) -> tuple[int, str]:
    """The status, and the slug of a refusal."""
    return answer.status_code, str(answer.json().get("type", "")).removeprefix("/problems/")


@pytest.mark.parametrize("offset", ["+16:00", "-16:00", "+23:59"])
def test_an_offset_that_no_clock_has_is_invalid(platform: Live, offset: str) -> None:
    body = order_body((1, 100)) | {"ordered_at": f"2026-11-01T08:26:00{offset}"}
    assert told(platform.call("shop", "PUT", "/v1/orders/o-offset", body)) == (422, "invalid")


def send(platform: Live, image: bytes, key: str) -> requests.Response:
    return requests.post(
        f"{platform.found.api}/v1/uploads",
        data=image,
        headers={
            "Authorization": f"Bearer {platform.tokens['shop']}",
            "Idempotency-Key": key,
            "Content-Type": "image/png",
        },
        timeout=10,
    )


def test_a_picture_with_too_long_a_side_is_too_big(platform: Live) -> None:
    answer = send(platform, png(b"\x40" * 65_501, (65_501, 1), (8, GREY)), "long-side-1")
    assert told(answer) == (422, "image-too-big")


def test_a_16_bit_grey_picture_stays_grey(platform: Live) -> None:
    answer = send(platform, png(b"\x40\x00" * 32, (32, 16), (16, GREY)), "deep-grey-1")
    assert answer.status_code == 201
    shown = requests.get(
        platform.found.api + answer.json()["url"],
        headers={"Authorization": f"Bearer {platform.tokens['shop']}"},
        timeout=10,
    )
    assert Image.open(BytesIO(shown.content)).getpixel((8, 8)) == (64, 64, 64)


BLANK = "\u200b\u3164\u2800"


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/v1/cases/{case}/resume", {"action": "settle", "reference": " ", "note": ""}),
        (
            "/v1/cases",
            request_body((1, 1), kind="return", address={**ADDRESS, "name": BLANK}),
        ),
        (
            "/v1/feedback",
            {"customer_id": "1", "category": "other", "subject": BLANK, "content": "c"},
        ),
        (
            "/v1/reviews",
            {"customer_id": "1", "order_id": "o1", "line": 1, "stars": 5, "content": BLANK},
        ),
        ("/v1/reviews/{case}/reply", {"content": BLANK}),
        (
            "/v1/cases/{case}/inspection",
            {"lines": [{"line": 1, "received": 1, "accepted": 0, "reason": BLANK}]},
        ),
    ],
    ids=["settle", "address", "subject", "review", "reply", "inspection"],
)
def test_a_required_text_that_nobody_sees_is_invalid(
    platform: Live, path: str, body: dict[str, Any]
) -> None:
    who = {"resume": "operator", "inspection": "warehouse", "reply": "lead"}.get(
        path.rpartition("/")[2], "shop"
    )
    answer = platform.call(who, "POST", path.format(case=NOBODY), body, key="blank-text-1")
    assert told(answer) == (422, "invalid")


def test_a_text_is_shown_composed(platform: Live) -> None:
    order_id = platform.sell((1, 100), customer={"id": "1", "name": "Ame\u0301lie"})
    shown = platform.call("shop", "GET", f"/v1/orders/{order_id}").json()
    assert shown["customer"]["name"] == "Am\u00e9lie"


def test_the_numbers_of_devices_and_articles_are_honest_texts(platform: Live) -> None:
    body = order_body((1, 100))
    body["lines"][0]["title"] = "STABILO 4006381333931"
    order_id = platform.sell((1, 100), lines=body["lines"])
    note = "IMEI 490154203237518, and the other one 356938035643809"
    case_id = platform.apply(order_id, kind="repair", reason="warranty_fault", note=note)
    assert platform.call("lead", "GET", f"/v1/cases/{case_id}").json()["note"] == note


@pytest.mark.parametrize(
    "note", ["IMEI 378282246310005", "EAN 4111 1111 1111 1111", "3782·822463·10005"]
)
def test_a_card_number_is_refused_whatever_it_is_called(platform: Live, note: str) -> None:
    order_id = platform.sell((1, 100))
    body = request_body((1, 1), order_id=order_id, note=note)
    answer = platform.call("shop", "POST", "/v1/cases", body, key=f"card-{order_id}-1")
    assert told(answer) == (422, "card-number-refused")


def days_ago(days: int, clock: str = "00:00:00") -> str:
    return f"{datetime.now(UTC).date() - timedelta(days=days)}T{clock}Z"


def test_the_last_day_of_a_window_lasts_until_it_ends(platform: Live) -> None:
    order = {"ordered_at": days_ago(40), "delivered_at": days_ago(30)}
    order_id = platform.sell((1, 100), (1, 100), **order)
    platform.apply(order_id)  # at any hour of the last day
    body = order_body((1, 100), (1, 100))
    body["lines"][1]["delivered_at"] = days_ago(31, "23:59:59")
    late = platform.sell((1, 100), (1, 100), lines=body["lines"], **order)
    asked = request_body((2, 1), order_id=late)
    answer = platform.call("shop", "POST", "/v1/cases", asked, key=f"late-{late}-1")
    assert (*told(answer), answer.json()["rule"]) == (422, "not-eligible", "window")


def test_nothing_is_delivered_before_it_was_ordered(platform: Live) -> None:
    body = order_body((1, 100)) | {"ordered_at": days_ago(3), "delivered_at": days_ago(4)}
    assert told(platform.call("shop", "PUT", "/v1/orders/o-early", body)) == (422, "invalid")


def test_a_line_of_a_frozen_order_gets_a_delivery_of_its_own(platform: Live) -> None:
    payment = {"payment": "cash-1", "provider": "offline", "captured": 200}
    body = order_body((1, 100), (1, 100), payments=[payment], ordered_at=days_ago(40))
    path = "/v1/orders/o-delivered-apart"
    assert platform.call("shop", "PUT", path, body).status_code == 201
    platform.apply("o-delivered-apart")
    body["lines"][1]["delivered_at"] = days_ago(2)
    answer = platform.call("shop", "PUT", path, body)
    assert (answer.status_code, answer.json()["lines"][1]["delivered_at"]) == (200, days_ago(2))


def imports(platform: Live, path: Path, text: str) -> Said:
    path.write_text(text, encoding="utf-8", newline="")
    return aftersales("import", path, "--storefront", "demo", "--data", platform.data)


def test_a_file_of_excel_is_imported_and_its_corrections_too(
    platform: Live, tmp_path: Path
) -> None:
    path = orders_file(tmp_path / "orders.csv", ("x-1", 1, 6, "2.55"))
    text = "\ufeff" + path.read_text(encoding="utf-8")
    for customer in ("17850", "17851"):
        said = imports(platform, path, text.replace("17850", customer))
        assert said.code == 0, said.err
        shown = platform.call("shop", "GET", "/v1/orders/x-1").json()
        assert (shown["customer"]["id"], shown["lines"][0]["paid"]) == (customer, 1530)


def test_a_file_that_contradicts_itself_or_a_case_is_not_imported(
    platform: Live, tmp_path: Path
) -> None:
    rows = (("x-2", 1, 1, "1.00"), ("x-2", 2, 1, "1.00"), ("x-3", 1, 1, "1.00"))
    path = orders_file(tmp_path / "orders.csv", *rows)
    text = path.read_text(encoding="utf-8")
    said = imports(platform, path, text.replace("17850", "99", 1))
    assert (said.code, said.err.count("\n")) == (1, 1)
    assert "row 3: order x-2 has the customer_id '99' in row 2 and '17850' here" in said.err
    assert told(platform.call("shop", "GET", "/v1/orders/x-3")) == (404, "order-not-found")

    assert imports(platform, path, text).code == 0
    platform.apply("x-3")
    said = imports(platform, path, text.replace("1.00", "2.00"))
    assert (said.code, said.err.count("\n")) == (1, 1)
    assert "row 4: order x-3 has cases" in said.err
    shown = platform.call("shop", "GET", "/v1/orders/x-2").json()
    assert [line["paid"] for line in shown["lines"]] == [100, 100]
