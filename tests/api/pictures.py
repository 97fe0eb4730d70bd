"""Images as senders make them: good ones, and such that want to be something else."""

import random
import zlib
from functools import cache
from io import BytesIO
from typing import Any

from PIL import Image, ImageCms

RED, BLUE = (250, 5, 5), (5, 5, 250)
SCRIPT = b"<html><script>alert(document.cookie)</script></html>"

GPS = {1: "N", 2: (51.0, 30.0, 26.0), 3: "W", 4: (0.0, 7.0, 39.0)}
CAMERA, ORIENTATION, GPS_PLACE = 0x010F, 0x0112, 0x8825
QUARTER_TURN = 6
"""The camera was held so that what it wrote has to be turned right to be upright."""


def scene(size: tuple[int, int] = (64, 48), seed: int = 1) -> Image.Image:
    """Blotches of colour, others for each seed; red in the upper left corner."""
    dice = random.Random(seed)
    blotches = Image.frombytes("RGB", (6, 5), dice.randbytes(90))
    image = blotches.resize(size, Image.Resampling.BICUBIC)
    image.paste(RED, (0, 0, size[0] // 4, size[1] // 4))
    return image


def written(image: Image.Image, form: str = "JPEG", **options: Any) -> bytes:
    stream = BytesIO()
    image.save(stream, form, **options)
    return stream.getvalue()


def photo(form: str = "JPEG", seed: int = 1) -> bytes:
    return written(scene(seed=seed), form)


def from_a_phone() -> bytes:
    """Held upright and written lying, with the place, the maker, a profile and two comments."""
    exif = Image.Exif()
    exif[CAMERA], exif[ORIENTATION], exif[GPS_PLACE] = "A maker", QUARTER_TURN, GPS
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    return written(
        scene(), exif=exif, icc_profile=profile, comment=b"a comment", xmp=b"<x:xmpmeta/>"
    )


def two_frames(form: str) -> bytes:
    """Red first, then blue: an animation, or what phones write with a second picture inside."""
    first, second = (Image.new("RGB", (32, 32), colour) for colour in (RED, BLUE))
    return written(first, form, save_all=True, append_images=[second])


@cache
def bomb(side: int) -> bytes:
    """A PNG of `side` × `side` black pixels, in as few bytes as they go into."""
    row = bytes(side // 8 + 2)
    packer = zlib.compressobj(1)
    packed = b"".join(packer.compress(row * 500) for _ in range(side // 500)) + packer.flush()
    return _png((side, side), (1, GREY), packed)


GREY, COLOUR, PALETTE, GREY_ALPHA, COLOUR_ALPHA = 0, 2, 3, 4, 6
"""Kinds of pixels as PNG numbers them."""


def png(
    row: bytes, size: tuple[int, int], kind: tuple[int, int], *chunks: tuple[bytes, bytes]
) -> bytes:
    """A PNG of equal rows; `kind` is (bits a sample, kind of pixels). Pillow writes few of them."""
    return _png(size, kind, zlib.compress((b"\0" + row) * size[1]), *chunks)


def _png(
    size: tuple[int, int], kind: tuple[int, int], packed: bytes, *chunks: tuple[bytes, bytes]
) -> bytes:
    header = size[0].to_bytes(4) + size[1].to_bytes(4) + bytes((*kind, 0, 0, 0))
    parts = ((b"IHDR", header), *chunks, (b"IDAT", packed), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(name, content) for name, content in parts)


def _chunk(name: bytes, content: bytes) -> bytes:
    checked = name + content
    return len(content).to_bytes(4) + checked + zlib.crc32(checked).to_bytes(4)
