"""Is this body a photo that we take? What is one is drawn anew, and nothing else comes along.

Only decoding tells: a name, a media type or the first bytes are what their sender wants them to
be. What is kept is a JPEG that we made of the pixels, the right way up and in the colours that it
showed: no place, no device, no colour profile, no script behind the picture, no second picture in
it. A body that would pass for a page or an archive as well is nobody's photo, and is not taken at
all.
"""

import re
import struct
from contextlib import suppress
from dataclasses import dataclass
from io import BytesIO
from itertools import pairwise
from typing import Any

from PIL import Image, ImageOps
from PIL.JpegImagePlugin import JpegImageFile
from PIL.PngImagePlugin import PngImageFile

from api.pixels import in_srgb
from domain.refusals import Refusal, Why

FORMATS = ("JPEG", "PNG", "WEBP")
MOST_PIXELS = 25_000_000
"""What phones make as a rule. Told by the header, before memory is spent on it."""

LONGEST_SIDE = 65_500
"""Pixels. What libjpeg writes at most."""

MOST_SCANS = 50
"""Of a JPEG: how often its picture is gone over. Cameras and programs do it up to a dozen times;
each time costs as much as all pixels, and a few bytes in a file.
"""

QUALITY = 88

A_PAGE = re.compile(
    rb"<!doctype html|<(?:html|script|iframe|svg xmlns|\?php)[\s>=]|%PDF-\d\.", re.I
)
"""What makes a browser or an interpreter read on. Too long to stand among pixels by chance."""

A_ZIP = (b"PK\x03\x04", b"PK\x01\x02", b"PK\x05\x06")
"""An archive's entry, directory and end: it is read from behind, whatever comes first."""

PNG_END = b"IEND\xaeB`\x82"
"""Without it a picture may still be drawn whole, but something of the file is missing."""

MARKER = re.compile(rb"\xff[\x01-\xcf\xd8-\xfe]")
"""What divides a JPEG into its parts. Among pixels there are only others."""

SCAN, END, WITHOUT_LENGTH = 0xDA, 0xD9, (0x01, 0xD8)

UNREADABLE = (ArithmeticError, EOFError, LookupError, OSError, SyntaxError, TypeError, ValueError)
"""What Pillow's decoders raise of hostile bytes, together with `struct.error`."""


@dataclass(frozen=True)
class Photo:
    """A JPEG of ours. `phash` is alike for photos that look alike (`store.uploads.lookalikes`)."""

    content: bytes
    width: int
    height: int
    phash: int


def redrawn(body: bytes) -> Photo:
    """The photo in a body; of an animation its first frame. Transparent parts become white.

    Raises Refusal: not-an-image, image-too-big.
    """
    try:
        with Image.open(BytesIO(body), formats=FORMATS) as image:
            _judge(image, body)
            upright = _upright(in_srgb(image), image.info)
    except Image.DecompressionBombError:
        raise _too_big() from None
    except (*UNREADABLE, struct.error):
        raise Refusal(Why.NOT_AN_IMAGE) from None
    written = BytesIO()
    upright.save(written, "JPEG", quality=QUALITY)
    return Photo(written.getvalue(), upright.width, upright.height, _phash(upright))


def _judge(image: Image.Image, body: bytes) -> None:
    """What can be told before memory and time are spent on pixels. Raises Refusal."""
    if image.width * image.height > MOST_PIXELS or max(image.size) > LONGEST_SIDE:
        raise _too_big()
    if isinstance(image, PngImageFile) and PNG_END not in body:
        raise Refusal(Why.NOT_AN_IMAGE, "it ends too early")
    if isinstance(image, JpegImageFile) and _scans(body) > MOST_SCANS:
        raise Refusal(Why.NOT_AN_IMAGE, f"at most {MOST_SCANS} scans are taken")
    if A_PAGE.search(body) or all(mark in body for mark in A_ZIP):
        raise Refusal(Why.NOT_AN_IMAGE, "it is a page or an archive as well")


def _scans(jpeg: bytes) -> int:
    """How often the picture is gone over. What stands behind its end does not count."""
    scans = at = 0
    while (found := MARKER.search(jpeg, at)) and jpeg[found.start() + 1] != END:
        marker, at = jpeg[found.start() + 1], found.end()
        scans += marker == SCAN
        if marker not in WITHOUT_LENGTH:
            at += int.from_bytes(jpeg[at : at + 2])
    return scans


def _upright(image: Image.Image, info: dict[Any, Any]) -> Image.Image:
    """Turned as the camera wrote that it was held. What it wrote illegibly turns nothing."""
    image.info = dict(info)
    with suppress(*UNREADABLE, struct.error):
        ImageOps.exif_transpose(image, in_place=True)
    image.info = {}
    return image


def _phash(image: Image.Image) -> int:
    """A difference hash: is the picture brighter further right, in 8 rows of 8 places? 64 bits,
    signed, as PostgreSQL has them. Scaling and recompressing turn few of them.
    """
    small = image.resize((9, 8), Image.Resampling.LANCZOS, reducing_gap=3.0).convert("L")
    grey = small.tobytes()
    rows = [grey[at : at + 9] for at in range(0, len(grey), 9)]
    bits = "".join(str(int(left < right)) for row in rows for left, right in pairwise(row))
    return int.from_bytes(int(bits, 2).to_bytes(8), signed=True)


def _too_big() -> Refusal:
    return Refusal(
        Why.IMAGE_TOO_BIG, f"at most {MOST_PIXELS} pixels are taken, and {LONGEST_SIDE} on a side"
    )
