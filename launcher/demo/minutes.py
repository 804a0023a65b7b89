"""The minutes of the meeting that adopted the rulebook, as somebody would photograph them: a page, its lines, a red stamp."""

import io

from PIL import Image, ImageDraw

SIZE = (1240, 1754)
"""An A4 page at 150 dots an inch."""


def minutes_picture() -> bytes:
    """Return the picture as JPEG; the same every time."""
    page = Image.new("RGB", SIZE, (250, 248, 242))
    pen = ImageDraw.Draw(page)
    pen.rectangle((420, 140, 820, 190), fill=(40, 40, 40))
    for number in range(22):
        pen.rectangle((140, 280 + number * 52, 1100 - number * 37 % 240, 292 + number * 52), fill=(90, 90, 90))
    pen.ellipse((820, 1400, 1060, 1640), outline=(190, 30, 30), width=10)
    out = io.BytesIO()
    page.save(out, "JPEG", quality=80)
    return out.getvalue()
