"""Faults of input that others reported, each by its smallest input, on a running platform."""

from io import BytesIO

import pytest
import requests
from PIL import Image

from tests.api.pictures import GREY, png
from tests.e2e.live import Live
from tests.shop import order_body


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
