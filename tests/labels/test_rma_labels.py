"""Does a label say what it was given, to a scanner and to a person?"""

from io import BytesIO

import pytest
import zxingcpp
from PIL import Image

from labels.rma import BAR, CODE128_QUIET, label

RMA = "019adf2a-0c00-7000-8000-f00dfacecafe"
LINES = ["Order 536365", "Storefront demo", "", "Returns Department", "1 Sample Road", "London"]


def picture(*args: object) -> Image.Image:
    return Image.open(BytesIO(label(*args)))  # type: ignore[arg-type]


def scanned(image: Image.Image) -> dict[str, bytes]:
    """What each code on it says, by the kind of code."""
    return {str(code.format): code.bytes for code in zxingcpp.read_barcodes(image)}


@pytest.mark.parametrize("dpi", [203, 300])
def test_both_codes_say_the_rma_number_to_the_byte(dpi: int) -> None:
    said = scanned(picture(RMA, LINES, dpi))
    assert said == {"QR Code": RMA.encode(), "Code 128": RMA.encode()}


@pytest.mark.parametrize("dpi", [203, 300])
def test_a_label_is_printed_six_inches_wide_and_four_high(dpi: int) -> None:
    image = picture(RMA, LINES, dpi)
    assert image.size == (6 * dpi, 4 * dpi)
    assert [round(density) for density in image.info["dpi"]] == [dpi, dpi]


@pytest.mark.parametrize("dpi", [203, 300])
def test_the_bars_stand_in_as_much_quiet_as_the_code_demands(dpi: int) -> None:
    image = picture(RMA, LINES, dpi)
    (bars,) = (code for code in zxingcpp.read_barcodes(image) if str(code.format) == "Code 128")
    top, foot = bars.position.top_left, bars.position.bottom_right
    quiet = CODE128_QUIET * round(BAR * dpi)
    for left in (top.x - quiet, foot.x + 1):
        beside = image.crop((left, top.y, left + quiet, foot.y)).convert("L")
        assert beside.getextrema() == (255, 255)


def test_it_is_read_from_a_print_that_is_held_askew() -> None:
    print_out = picture(RMA, LINES).convert("L").rotate(7, expand=True, fillcolor=255)
    assert scanned(print_out) == {"QR Code": RMA.encode(), "Code 128": RMA.encode()}


def test_lines_show_and_the_longest_neither_leave_the_label_nor_touch_the_codes() -> None:
    longest = ["Order " + "5" * 64, "Storefront " + "d" * 64, "", *["W" * 35] * 8]
    image, bare = picture(RMA, longest), picture(RMA, [])
    added = Image.frombytes(
        "L", image.size, bytes(a ^ b for a, b in zip(*map(_grey, (image, bare)), strict=True))
    ).getbbox()
    assert added is not None
    left, top, right, foot = added
    blank = bare.crop((left, top, right, foot)).convert("L")
    assert blank.getextrema() == (255, 255)
    assert right < image.width - 10
    assert scanned(image) == scanned(bare)


def _grey(image: Image.Image) -> bytes:
    return image.convert("L").tobytes()
