"""What does the label on a returned parcel look like?

Six by four inches, lying: 36 characters of Code 128 in bars of a hundredth of an inch do not fit
on the short side. Codes are drawn in whole dots of the printer, so that no scaling blurs a bar.
"""

import textwrap
from collections.abc import Sequence
from io import BytesIO
from pathlib import Path

import barcode
import segno
from barcode.codex import Code128
from PIL import Image, ImageDraw, ImageFont

# All in inches.
WIDTH, HEIGHT = 6.0, 4.0
MARGIN = 0.15
TEXT, RMA_TEXT = 0.12, 0.175
BAR = 0.01  # the narrowest; hand scanners read it at arm's length
BARS_HEIGHT = 0.9
QR_SQUARE = 0.045

# Widths of the empty space that each code demands around it, in bars and squares.
CODE128_QUIET = 10
QR_QUIET = 4

# python-barcode brings it along: one type, as wide on every machine.
_TYPE = Path(barcode.__file__).parent / "fonts" / "DejaVuSansMono.ttf"


def label(rma: str, lines: Sequence[str], dpi: int = 203) -> bytes:
    """A PNG for a label printer of `dpi` dots an inch: `rma` as QR code, as Code 128 and as text,
    and the lines, folded where they are too long.

    `rma` is at most 36 printable ASCII characters; there is room for thirteen lines of Latin,
    Greek or Cyrillic. The picture says its density, so that it is printed in its true size.
    """
    picture = Image.new("1", (round(WIDTH * dpi), round(HEIGHT * dpi)), 1)
    draw = ImageDraw.Draw(picture)
    margin, text, rma_text = (round(size * dpi) for size in (MARGIN, TEXT, RMA_TEXT))

    qr = _qr(rma, round(QR_SQUARE * dpi))
    picture.paste(qr, (margin, margin))

    left = margin + qr.width
    small = ImageFont.truetype(_TYPE, text)
    columns = int((picture.width - left - margin) / small.getlength("0"))
    folded = "\n".join(textwrap.fill(line, columns) for line in lines)
    draw.multiline_text((left, 2 * margin), folded, font=small, spacing=text * 2 // 5)

    middle, foot = picture.width // 2, picture.height - margin
    large = ImageFont.truetype(_TYPE, rma_text)
    draw.text((middle, foot), f"RMA {rma}", font=large, anchor="md")
    bars = _code128(rma, round(BAR * dpi), round(BARS_HEIGHT * dpi))
    top = foot - rma_text - margin - bars.height
    picture.paste(bars, (middle - bars.width // 2, top))

    file = BytesIO()
    picture.save(file, "PNG", dpi=(dpi, dpi))
    return file.getvalue()


def _qr(text: str, square: int) -> Image.Image:
    """The QR code, `square` dots to each of its squares, with its quiet zone."""
    file = BytesIO()
    segno.make_qr(text, error="q").save(file, kind="png", scale=square, border=QR_QUIET)
    return Image.open(file)


def _code128(text: str, bar: int, height: int) -> Image.Image:
    """The bars, the narrowest `bar` dots wide, with their quiet zones."""
    quiet = "0" * CODE128_QUIET
    modules = quiet + "".join(Code128(text).build()) + quiet
    row = Image.new("1", (len(modules), 1))
    row.putdata([module == "0" for module in modules])
    return row.resize((row.width * bar, height), Image.Resampling.NEAREST)
