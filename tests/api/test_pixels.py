"""Does what is kept of a picture look like what was sent, whatever kind of pixels it had?"""

from io import BytesIO
from itertools import product
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageChops, ImageCms, ImageOps, ImageStat

from api.images import LONGEST_SIDE, redrawn
from domain.refusals import Refusal, Why
from tests.api.pictures import (
    COLOUR,
    COLOUR_ALPHA,
    GREY,
    GREY_ALPHA,
    PALETTE,
    RED,
    bomb,
    photo,
    png,
    scene,
    two_frames,
    written,
)

WIDE = (32, 16)
WHITE = (255, 255, 255)
TWO_COLOURS = (b"PLTE", bytes((64, 32, 16, 128, 128, 128)))
TAKEN = ("JPEG", "MPO", "PNG", "WEBP")
NEAR = 4  # of 255: what JPEG takes from a surface of one colour


def kept(body: bytes) -> Image.Image:
    image = Image.open(BytesIO(redrawn(body).content))
    image.load()
    return image


def refusal(body: bytes) -> Why | None:
    """Why it is not taken; None if it is."""
    try:
        redrawn(body)
    except Refusal as refused:
        return refused.why
    return None


def halves(image: Image.Image) -> list[Any]:
    """The colours of the left and of the right half."""
    return [image.getpixel((x, image.height // 2)) for x in (3, image.width - 4)]


def alike(seen: Any, wanted: Any, near: int = NEAR) -> bool:
    return all(abs(a - b) <= near for a, b in zip(seen, wanted, strict=True))


def grey(value: int) -> tuple[int, int, int]:
    return (value, value, value)


@pytest.mark.parametrize(
    ("bits", "kind", "left", "right", "wanted"),
    [
        (1, GREY, b"\0\0", b"\xff\xff", [grey(0), WHITE]),
        (2, GREY, b"\x55" * 4, b"\xaa" * 4, [grey(85), grey(170)]),
        (4, GREY, b"\x44" * 8, b"\x88" * 8, [grey(68), grey(136)]),
        (8, GREY, b"\x40" * 16, b"\x80" * 16, [grey(64), grey(128)]),
        (16, GREY, b"\x40\x00" * 16, b"\x80\xff" * 16, [grey(64), grey(128)]),
        (16, GREY, b"\x00\xff" * 16, b"\xff\xff" * 16, [grey(0), WHITE]),
        (8, GREY_ALPHA, b"\x40\xff" * 16, b"\x40\0" * 16, [grey(64), WHITE]),
        (8, GREY_ALPHA, b"\x40\x80" * 16, b"\0\x80" * 16, [grey(159), grey(127)]),
        (16, GREY_ALPHA, b"\x40\0\xff\xff" * 16, b"\x40\0\0\0" * 16, [grey(64), WHITE]),
        (8, COLOUR, b"\x40\x20\x10" * 16, b"\x80" * 48, [(64, 32, 16), grey(128)]),
        (16, COLOUR, b"\x40\0\x20\0\x10\0" * 16, b"\x80\0" * 48, [(64, 32, 16), grey(128)]),
        (8, COLOUR_ALPHA, b"\x40\x20\x10\xff" * 16, bytes(64), [(64, 32, 16), WHITE]),
        (16, COLOUR_ALPHA, b"\x40\0\x20\0\x10\0\xff\xff" * 16, bytes(128), [(64, 32, 16), WHITE]),
        (1, PALETTE, b"\0\0", b"\xff\xff", [(64, 32, 16), grey(128)]),
        (8, PALETTE, bytes(16), b"\1" * 16, [(64, 32, 16), grey(128)]),
    ],
)
def test_a_png_of_any_depth_and_kind_shows_its_colours(
    bits: int, kind: int, left: bytes, right: bytes, wanted: list[Any]
) -> None:
    chunks = (TWO_COLOURS,) if kind == PALETTE else ()
    seen = halves(kept(png(left + right, WIDE, (bits, kind), *chunks)))
    assert all(alike(a, b) for a, b in zip(seen, wanted, strict=True)), seen


@pytest.mark.parametrize(
    ("bits", "kind", "left", "right", "clear", "wanted"),
    [
        (1, GREY, b"\0\0", b"\xff\xff", b"\0\0", [WHITE, WHITE]),
        (1, GREY, b"\0\0", b"\xff\xff", b"\0\1", [grey(0), WHITE]),
        (2, GREY, b"\x55" * 4, b"\xaa" * 4, b"\0\1", [WHITE, grey(170)]),
        (4, GREY, b"\x44" * 8, b"\x88" * 8, b"\0\x08", [grey(68), WHITE]),
        (8, GREY, b"\x40" * 16, b"\x80" * 16, b"\0\x40", [WHITE, grey(128)]),
        (16, GREY, b"\x40\0" * 16, b"\x80\0" * 16, b"\x40\0", [WHITE, grey(128)]),
        (16, GREY, b"\x40\0" * 16, b"\x40\1" * 16, b"\x40\1", [grey(64), WHITE]),
        (8, COLOUR, b"\x40\x20\x10" * 16, b"\x80" * 48, b"\0\x40\0\x20\0\x10", [WHITE, grey(128)]),
        (
            16,
            COLOUR,
            b"\x40\0\x20\0\x10\0" * 16,
            b"\x80\0" * 48,
            b"\x40\0\x20\0\x10\0",
            [WHITE, grey(128)],
        ),
        (8, PALETTE, bytes(16), b"\1" * 16, b"\0", [WHITE, grey(128)]),
        (8, PALETTE, bytes(16), b"\1" * 16, b"\x80", [(159, 143, 135), grey(128)]),
    ],
)
def test_the_one_colour_that_can_be_seen_through_becomes_white(
    bits: int, kind: int, left: bytes, right: bytes, clear: bytes, wanted: list[Any]
) -> None:
    palette = (TWO_COLOURS,) if kind == PALETTE else ()
    body = png(left + right, WIDE, (bits, kind), *palette, (b"tRNS", clear))
    seen = halves(kept(body))
    assert all(alike(a, b) for a, b in zip(seen, wanted, strict=True)), seen


def _exchanged() -> bytes:
    """A profile of a device whose red is sRGB's green, and the other way round."""
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    return profile.replace(b"rXYZ", b"????").replace(b"gXYZ", b"rXYZ").replace(b"????", b"gXYZ")


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
def test_colours_are_those_that_the_profile_says(form: str) -> None:
    body = written(Image.new("RGB", WIDE, (200, 20, 20)), form, icc_profile=_exchanged())
    assert alike(halves(kept(body))[0], (20, 200, 20), near=12)


@pytest.mark.parametrize("mode", ["L", "RGB"])
@pytest.mark.parametrize("profile", [b"no profile", b"", _exchanged()[:200], bytes(4000)])
def test_a_profile_that_does_not_hold_is_left_out(mode: str, profile: bytes) -> None:
    body = written(Image.new(mode, WIDE, "#808080"), icc_profile=profile)
    assert alike(halves(kept(body))[0], grey(128))


def test_a_profile_of_other_pixels_is_left_out() -> None:
    body = written(Image.new("CMYK", WIDE, (0, 0, 0, 127)), icc_profile=_exchanged())
    assert alike(halves(kept(body))[0], grey(128))


@pytest.mark.parametrize("turned", range(1, 9))
def test_a_picture_is_kept_upright_however_the_camera_was_held(turned: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = turned
    source = Image.open(BytesIO(written(scene(), exif=exif)))
    wanted = ImageOps.exif_transpose(source)
    image = kept(written(scene(), exif=exif))
    assert image.size == wanted.size == ((64, 48) if turned < 5 else (48, 64))
    assert max(ImageStat.Stat(ImageChops.difference(image, wanted)).mean) < NEAR


@pytest.mark.parametrize(
    "exif", [b"Exif\0\0", b"Exif\0\0nothing", b"Exif\0\0II*\0\xff\xff\xff\xff", b"Exif\0\0MM\0*\0"]
)
@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
def test_what_a_camera_wrote_illegibly_turns_nothing(form: str, exif: bytes) -> None:
    image = kept(written(scene(), form, exif=exif))
    assert alike(image.getpixel((4, 4)), RED, near=20)


MODES = ("1", "L", "LA", "P", "PA", "RGB", "RGBA", "RGBX", "CMYK", "YCbCr", "LAB", "HSV", "I", "F")
FORMS = ("JPEG", "MPO", "PNG", "WEBP", "GIF", "TIFF", "BMP", "ICO", "PPM", "TGA", "JPEG2000")


def _pictures() -> list[tuple[str, str, bytes]]:
    found = []
    for mode, form in product((*MODES, "I;16", "I;16B"), FORMS):
        try:
            image = Image.new("L", WIDE, 100).convert(mode.partition(";")[0])
            image = image if ";" not in mode else Image.new(mode, WIDE, 100 * 256)
            found.append((mode, form, written(image, form)))
        except (OSError, ValueError, KeyError):
            pass  # Pillow does not write this
    return found


def test_every_kind_of_pixels_in_every_form_is_drawn_truly_or_refused() -> None:
    pictures = _pictures()
    assert len(pictures) > 50
    for mode, form, body in pictures:
        if form not in TAKEN:
            assert refusal(body) is Why.NOT_AN_IMAGE, (mode, form)
            continue
        seen = halves(kept(body))[0]
        # Black and white have no greys; Pillow writes deep greys as 16 bits of PNG, else cut off.
        if mode.startswith("I"):
            assert form != "PNG" or alike(seen, grey(0 if mode == "I" else 100)), mode
        elif mode != "1":
            assert alike(seen, grey(100), near=6), (mode, form)


@pytest.mark.parametrize("size", [(LONGEST_SIDE, 1), (1, LONGEST_SIDE), (1, 1), (LONGEST_SIDE, 9)])
def test_a_picture_of_any_shape_is_kept(size: tuple[int, int]) -> None:
    image = kept(png(b"\x40" * size[0], size, (8, GREY)))
    assert image.size == size
    assert alike(image.getpixel((0, 0)), grey(64))


@pytest.mark.parametrize("side", [LONGEST_SIDE + 1, 65_536, 100_000, 2**31 - 1])
@pytest.mark.parametrize("upright", [True, False])
def test_a_picture_with_a_longer_side_than_is_written_is_too_big(side: int, upright: bool) -> None:
    size = (1, side) if upright else (side, 1)
    whole = side <= 100_000
    body = png(b"\x40" * (size[0] if whole else 1), size if whole else (1, 1), (8, GREY))
    if not whole:
        body = body[:16] + size[0].to_bytes(4) + size[1].to_bytes(4) + body[24:]
    assert refusal(body) is (Why.IMAGE_TOO_BIG if whole else Why.NOT_AN_IMAGE)


def _sources() -> list[bytes]:
    whole = [photo(form) for form in ("JPEG", "PNG", "WEBP")]
    whole += [two_frames(form) for form in ("MPO", "PNG", "WEBP")]
    whole += [body for _, form, body in _pictures() if form in ("JPEG", "PNG", "WEBP")]
    return [*whole, bomb(5_008), png(b"\x40\0" * 32, WIDE, (16, GREY), (b"tRNS", b"\x40\0"))]


SOURCES = _sources()


@settings(max_examples=300, deadline=None)
@given(
    st.sampled_from(SOURCES),
    st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 255)), max_size=6),
    st.floats(0, 1),
    st.binary(max_size=40),
)
def test_any_bytes_are_drawn_or_refused(
    source: bytes, changes: list[tuple[float, int]], left: float, behind: bytes
) -> None:
    body = bytearray(source)
    for place, value in changes:
        body[int(place * min(len(body), 400))] = value
    cut = body[: int(len(body) * left)] if left < 0.5 else body
    assert refusal(bytes(cut) + behind) in (None, Why.NOT_AN_IMAGE, Why.IMAGE_TOO_BIG)
