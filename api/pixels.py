"""Which colours does a picture show? Decoded pixels come in many kinds; ours are 8 bits of sRGB."""

from io import BytesIO
from typing import Any

from PIL import Image, ImageChops, ImageCms
from PIL.PngImagePlugin import PngImageFile

GREY = ("1", "L", "LA")
PROFILED = ("L", "RGB", "CMYK")
"""The kinds of pixels whose profile is followed; the others become one of them first."""


def in_srgb(image: Image.Image) -> Image.Image:
    """The picture as a viewer shows it: in RGB, white where it can be seen through. Raises what
    Pillow's decoders raise.
    """
    clear = _clear_colour(image)  # asked before: loading forgets how the file counts
    image.load()
    profile = image.info.get("icc_profile")
    if clear is not None:
        image.info["transparency"] = clear
    if image.mode == "I;16":
        image = _in_8_bits(image, clear)
    if image.has_transparency_data:
        image = _on_white(image)
    if image.mode not in PROFILED:
        image = image.convert("L" if image.mode in GREY else "RGB")
    return _unprofiled(image, profile) if profile else image.convert("RGB")


def _clear_colour(image: Image.Image) -> Any:
    """The one colour of a PNG without alpha that can be seen through (tRNS), as it is once it is
    decoded: Pillow spreads 2 and 4 bits over 8 and takes 8 of 16, but not of this colour.
    """
    clear = image.info.get("transparency")
    if clear is None or not isinstance(image, PngImageFile):
        return None
    match image.tile[0].args:
        case "L;2":
            return clear * 0x55
        case "L;4":
            return clear * 0x11
        case "RGB;16B":
            return tuple(sample >> 8 for sample in clear)
        case _:
            return clear


def _in_8_bits(image: Image.Image, clear: int | None) -> Image.Image:
    """The upper halves of 16-bit greys. Pillow's own conversion cuts off what is above 255."""
    little_endian = image.tobytes()
    upper, lower = (Image.frombytes("L", image.size, little_endian[half::2]) for half in (1, 0))
    if clear is None:
        return upper
    there = (
        half.point([0 if value == wanted else 255 for value in range(256)])
        for half, wanted in ((upper, clear >> 8), (lower, clear & 0xFF))
    )
    return Image.merge("LA", (upper, ImageChops.lighter(*there)))


def _on_white(image: Image.Image) -> Image.Image:
    opaque, layered = ("L", "LA") if image.mode in GREY else ("RGB", "RGBA")
    seen = image.convert(layered)
    ground = Image.new(opaque, seen.size, "white")
    ground.paste(seen.convert(opaque), mask=seen.getchannel("A"))
    return ground


def _unprofiled(image: Image.Image, profile: bytes) -> Image.Image:
    """The same colours without their profile. One that is damaged, or of another kind of pixels,
    is left out, as browsers do.
    """
    try:
        source = ImageCms.ImageCmsProfile(BytesIO(profile))
        target = ImageCms.createProfile("sRGB")
        return ImageCms.profileToProfile(image, source, target, outputMode="RGB") or image
    except (ImageCms.PyCMSError, OSError, TypeError, ValueError):
        return image.convert("RGB")
