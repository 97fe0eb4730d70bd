"""Is this body a photo that we take? What is one is drawn anew, and nothing else comes along.

Only decoding tells: a name, a media type or the first bytes are what their sender wants them to
be. What is kept is a JPEG that we made of the pixels, the right way up: no place, no device, no
colour profile, no script behind the picture, no second picture in it.
"""

import struct
from dataclasses import dataclass
from io import BytesIO
from itertools import pairwise

from PIL import Image, ImageOps

from domain.refusals import Refusal, Why

FORMATS = ("JPEG", "PNG", "WEBP")
MOST_PIXELS = 25_000_000
"""What phones make as a rule. Told by the header, before memory is spent on it."""

QUALITY = 88

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
            if image.width * image.height > MOST_PIXELS:
                raise _too_big()
            ImageOps.exif_transpose(image, in_place=True)
            upright = _opaque(image)
    except Image.DecompressionBombError:
        raise _too_big() from None
    except (*UNREADABLE, struct.error):
        raise Refusal(Why.NOT_AN_IMAGE) from None
    upright.info.clear()
    written = BytesIO()
    upright.save(written, "JPEG", quality=QUALITY)
    return Photo(written.getvalue(), upright.width, upright.height, _phash(upright))


def _opaque(image: Image.Image) -> Image.Image:
    if not image.has_transparency_data:
        return image.convert("RGB")
    seen = image.convert("RGBA")
    ground = Image.new("RGB", seen.size, "white")
    ground.paste(seen, mask=seen)
    return ground


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
    return Refusal(Why.IMAGE_TOO_BIG, f"at most {MOST_PIXELS} pixels are taken")
