"""What is a photo, and what only says so? Decoding tells, and what is drawn anew is no more."""

import random
import zipfile
from io import BytesIO
from typing import Any

import pytest
from PIL import Image

from api.images import MOST_PIXELS, redrawn
from domain.refusals import Refusal, Why
from tests.api.pictures import (
    BLUE,
    RED,
    SCRIPT,
    bomb,
    from_a_phone,
    photo,
    scene,
    two_frames,
    written,
)

SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
TAKEN = ("JPEG", "PNG", "WEBP")


def zipped() -> bytes:
    stream = BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr(zipfile.ZipInfo("index.html"), SCRIPT)  # without the time of day
    return stream.getvalue()


def drawn(body: bytes) -> Image.Image:
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


def close(seen: object, wanted: tuple[int, int, int]) -> bool:
    assert isinstance(seen, tuple)
    return all(abs(a - b) < 40 for a, b in zip(seen, wanted, strict=True))


@pytest.mark.parametrize("form", TAKEN)
def test_a_photo_becomes_a_jpeg_of_the_same_size(form: str) -> None:
    kept = redrawn(photo(form))
    assert (kept.width, kept.height) == (64, 48)
    image = drawn(photo(form))
    assert (image.format, image.size, image.mode) == ("JPEG", (64, 48), "RGB")
    assert close(image.getpixel((4, 4)), RED)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "I;16", "CMYK"])
def test_every_kind_of_pixels_becomes_rgb(mode: str) -> None:
    form = "JPEG" if mode == "CMYK" else "PNG"
    source = Image.new(mode, (8, 8)) if mode == "I;16" else scene().convert(mode)
    assert drawn(written(source, form)).mode == "RGB"


def test_what_can_be_seen_through_becomes_white() -> None:
    assert close(drawn(written(Image.new("RGBA", (8, 8)), "PNG")).getpixel((4, 4)), (255, 255, 255))


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"no image",
        SVG,
        SCRIPT,
        b"\xff\xd8\xff\xe0" + SCRIPT,
        b"\x89PNG\r\n\x1a\n" + SCRIPT,
        zipped(),
        b"%PDF-1.7\n",
        *(written(scene(), form) for form in ("GIF", "BMP", "TIFF", "ICO", "PPM")),
    ],
    ids=lambda body: ascii(body[:12]),
)
def test_what_cannot_be_drawn_as_a_photo_is_refused(body: bytes) -> None:
    assert refusal(body) is Why.NOT_AN_IMAGE


@pytest.mark.parametrize("side", [30_000, 16_000, 5_008])
def test_more_pixels_than_are_taken_are_refused_however_few_bytes(side: int) -> None:
    assert side * side > MOST_PIXELS
    assert len(bomb(side)) < 600_000
    assert refusal(bomb(side)) is Why.IMAGE_TOO_BIG


@pytest.mark.parametrize("form", TAKEN)
def test_a_file_that_was_cut_off_is_refused_wherever_that_was(form: str) -> None:
    whole = written(scene((320, 240)), form)
    for left in (*range(0, len(whole), len(whole) // 40), *range(len(whole) - 30, len(whole))):
        assert refusal(whole[:left]) is Why.NOT_AN_IMAGE, left


@pytest.mark.parametrize("parts", ["JPEG", "MPO"])
def test_a_picture_that_is_gone_over_too_often_is_refused_before_it_is_drawn(parts: str) -> None:
    """Of 25 million pixels, each of its few bytes would cost a millisecond."""
    large = Image.new("L", (5000, 5000))
    more = {"save_all": True, "append_images": [large]} if parts == "MPO" else {}
    whole = written(large, parts, progressive=True, quality=1, **more)
    start, end = whole.rindex(b"\xff\xda"), whole.rindex(b"\xff\xd9")
    if parts == "MPO":  # its first picture's last scan
        end = whole.index(b"\xff\xd9")
        start = whole.rindex(b"\xff\xda", 0, end)
    body = whole[:end] + whole[start:end] * 10_000 + whole[end:]
    assert len(body) < 1_000_000
    assert Image.open(BytesIO(body)).format == parts
    assert refusal(body) is Why.NOT_AN_IMAGE


@pytest.mark.parametrize("options", [{}, {"progressive": True}, {"subsampling": 0, "quality": 95}])
def test_a_photo_is_gone_over_as_often_as_cameras_and_programs_do(options: dict[str, Any]) -> None:
    assert refusal(written(scene((640, 480)), **options)) is None


ALSO = {
    "a page": SCRIPT,
    "a page in capitals": SCRIPT.upper(),
    "a program": b"<?php system($_GET['c']); ?>",
    "a drawing with a script": SVG,
    "an archive": zipped(),
    "an archive with a comment": zipped()[:-2] + b"\x04\x00evil",
    "a document": b"%PDF-1.7\n1 0 obj",
}


@pytest.mark.parametrize("form", TAKEN)
@pytest.mark.parametrize("also", ALSO.values(), ids=ALSO.keys())
def test_a_photo_that_is_something_else_as_well_is_refused(form: str, also: bytes) -> None:
    assert refusal(photo(form) + also) is Why.NOT_AN_IMAGE


def test_what_hides_beside_the_pixels_is_found_as_well() -> None:
    assert refusal(written(scene(), comment=SCRIPT)) is Why.NOT_AN_IMAGE
    assert refusal(zipped() + photo()) is Why.NOT_AN_IMAGE
    gifar = written(scene(), "GIF") + zipped()
    assert refusal(gifar) is Why.NOT_AN_IMAGE


@pytest.mark.parametrize("form", TAKEN)
def test_what_phones_write_behind_a_photo_is_left_behind(form: str) -> None:
    """A moving picture, a depth map, what the maker needs: they come as a rule."""
    behind = b"\x00\x00\x00\x18ftypmp42" + random.Random(form).randbytes(500_000) + b"SEFT"
    kept = redrawn(photo(form) + behind).content
    assert len(kept) < 10_000
    assert b"SEFT" not in kept


def test_what_the_camera_wrote_beside_the_photo_is_left_behind() -> None:
    before = Image.open(BytesIO(from_a_phone()))
    assert before.getexif().get_ifd(0x8825)
    assert before.info.keys() >= {"exif", "icc_profile", "comment", "xmp"}
    after = drawn(from_a_phone())
    assert dict(after.getexif()) == {}
    assert after.info.keys() <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}


def test_a_photo_written_lying_is_kept_upright() -> None:
    image = drawn(from_a_phone())
    assert image.size == (48, 64)
    assert close(image.getpixel((44, 4)), RED)


@pytest.mark.parametrize("form", ["MPO", "PNG", "WEBP"])
def test_of_several_pictures_the_first_is_kept(form: str) -> None:
    body = two_frames(form)
    assert Image.open(BytesIO(body)).n_frames == 2  # type: ignore[attr-defined]
    kept = drawn(body)
    assert close(kept.getpixel((16, 16)), RED)
    assert not close(kept.getpixel((16, 16)), BLUE)
    assert getattr(kept, "n_frames", 1) == 1


@pytest.mark.parametrize("form", TAKEN)
def test_damaged_bytes_are_drawn_or_refused_and_nothing_else(form: str) -> None:
    dice, whole = random.Random(form), photo(form)

    def outcome() -> Why | None:
        body = bytearray(whole)
        for _ in range(dice.randint(1, 8)):
            body[dice.randrange(len(body))] = dice.randrange(256)
        return refusal(bytes(body))

    outcomes = {outcome() for _ in range(150)}
    assert Why.NOT_AN_IMAGE in outcomes
    assert outcomes <= {None, Why.NOT_AN_IMAGE, Why.IMAGE_TOO_BIG}


def test_photos_that_look_alike_have_hashes_that_are_alike() -> None:
    def distance(one: bytes, other: bytes) -> int:
        mask = (1 << 64) - 1
        return ((redrawn(one).phash ^ redrawn(other).phash) & mask).bit_count()

    large = scene((640, 480))
    original = written(large)
    assert distance(original, written(large.resize((320, 240)), "WEBP", quality=40)) <= 3
    assert distance(original, written(large.point(lambda value: value * 4 // 5))) <= 3
    assert distance(original, written(scene((640, 480), seed=2))) > 16
    assert -(2**63) <= redrawn(original).phash < 2**63
