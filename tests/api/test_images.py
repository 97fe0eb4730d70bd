"""What is a photo, and what only says so? Decoding tells, and what is drawn anew is no more."""

import random
import zipfile
from io import BytesIO

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
        archive.writestr("index.html", SCRIPT)
    return stream.getvalue()


def drawn(body: bytes) -> Image.Image:
    image = Image.open(BytesIO(redrawn(body).content))
    image.load()
    return image


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
        *(photo(form)[: len(photo(form)) // 2] for form in TAKEN),
    ],
    ids=lambda body: ascii(body[:12]),
)
def test_what_cannot_be_drawn_as_a_photo_is_refused(body: bytes) -> None:
    with pytest.raises(Refusal) as refused:
        redrawn(body)
    assert refused.value.why is Why.NOT_AN_IMAGE


@pytest.mark.parametrize("side", [30_000, 16_000, 5_008])
def test_more_pixels_than_are_taken_are_refused_however_few_bytes(side: int) -> None:
    assert side * side > MOST_PIXELS
    assert len(bomb(side)) < 600_000
    with pytest.raises(Refusal) as refused:
        redrawn(bomb(side))
    assert refused.value.why is Why.IMAGE_TOO_BIG


@pytest.mark.parametrize("form", TAKEN)
def test_what_stands_behind_a_photo_is_left_behind(form: str) -> None:
    kept = redrawn(photo(form) + SCRIPT + zipped()).content
    assert b"script" not in kept
    assert not zipfile.is_zipfile(BytesIO(kept))


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
        try:
            redrawn(bytes(body))
        except Refusal as refusal:
            return refusal.why
        return None

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
