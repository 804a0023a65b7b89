"""Files for the tests of media, made byte by byte: none of them was ever taken by a camera."""

import io
import struct
import zlib

import pillow_heif
from PIL import Image, PngImagePlugin

GPS_TAG = 0x8825
ORIENTATION_TAG = 0x0112
MAKE_TAG = 0x010F
SECRET = "青龙泉 3 栋 502"


def picture(width: int = 64, height: int = 48) -> Image.Image:
    """A picture whose left half is red and whose right half is blue, brighter towards the bottom."""
    image = Image.new("RGB", (width, height), (200, 30, 30))
    image.paste((30, 30, 200), (width // 2, 0, width, height))
    image.paste((240, 240, 90), (0, 0, max(width // 4, 1), max(height // 4, 1)))
    return image


def encoded(image: Image.Image, fmt: str, **options: object) -> bytes:
    out = io.BytesIO()
    image.save(out, fmt, **options)
    return out.getvalue()


def jpeg(width: int = 64, height: int = 48, *, orientation: int | None = None, gps: bool = False) -> bytes:
    exif = Image.Exif()
    if orientation is not None:
        exif[ORIENTATION_TAG] = orientation
    if gps:
        exif[MAKE_TAG] = SECRET
        exif.get_ifd(GPS_TAG).update({1: "N", 2: (32.0, 49.0, 12.0), 3: "E", 4: (110.0, 48.0, 30.0)})
    return encoded(picture(width, height), "JPEG", exif=exif, comment=SECRET.encode(), quality=90)


def png(width: int = 64, height: int = 48) -> bytes:
    info = PngImagePlugin.PngInfo()
    info.add_text("Comment", "secret-place")
    return encoded(picture(width, height), "PNG", pnginfo=info)


def webp(width: int = 64, height: int = 48) -> bytes:
    exif = Image.Exif()
    exif[MAKE_TAG] = "secret-place"
    return encoded(picture(width, height), "WEBP", exif=exif)


def heic(width: int = 64, height: int = 48) -> bytes:
    out = io.BytesIO()
    heif = pillow_heif.HeifFile()
    heif.add_from_pillow(picture(width, height))
    heif.save(out, quality=80)
    return out.getvalue()


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def hollow_png(width: int, height: int) -> bytes:
    """A PNG whose header promises a size its content does not have: what a decompression bomb looks like from outside."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = zlib.compress(bytes(1024))
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", header) + _chunk(b"IDAT", body) + _chunk(b"IEND", b"")


def bomb_png(side: int) -> bytes:
    """A PNG of `side` × `side` black pixels in full: a few kilobytes that become side² bytes."""
    squeeze = zlib.compressobj(9)
    row = bytes(1 + side // 8)
    body = b"".join([*(squeeze.compress(row) for _ in range(side)), squeeze.flush()])
    header = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", header) + _chunk(b"IDAT", body) + _chunk(b"IEND", b"")


def text_bomb_png() -> bytes:
    """A small PNG with a compressed comment that unfolds to 64 MB."""
    plain = png()
    comment = _chunk(b"zTXt", b"Comment\x00\x00" + zlib.compress(bytes(64 * 1024 * 1024), 9))
    return plain[:33] + comment + plain[33:]


def huge_jpeg_header(width: int, height: int) -> bytes:
    """A small JPEG whose frame header was changed to promise another size."""
    data = bytearray(jpeg())
    at = data.index(b"\xff\xc0")
    data[at + 5 : at + 9] = struct.pack(">HH", height, width)
    return bytes(data)


def repainted_jpeg(times: int) -> bytes:
    """A small progressive JPEG whose last pass comes again and again."""
    data = encoded(picture(), "JPEG", progressive=True)
    end = data.rindex(b"\xff\xd9")
    last = data.rindex(b"\xff\xda")
    return data[:end] + data[last:end] * times + data[end:]


def box(kind: bytes, *parts: bytes) -> bytes:
    body = b"".join(parts)
    return struct.pack(">I", 8 + len(body)) + kind + body


def mp4(*, brand: bytes = b"isom") -> bytes:
    """A film of no pictures with place, device and time of recording in every box where phones write them."""
    place = b"+32.8202+110.8085/"
    times = struct.pack(">II", 3_800_000_000, 3_800_000_001)
    return b"".join(
        [
            box(b"ftyp", brand, bytes(4), b"isom", b"mp41"),
            box(b"mdat", b"moving pictures"),
            box(
                b"moov",
                box(b"mvhd", bytes(4), times, b"REST"),
                box(b"trak", box(b"tkhd", b"\x01\0\0\0", times, times, b"REST"), box(b"udta", place)),
                box(b"udta", box(b"\xa9xyz", place)),
                box(b"meta", bytes(4), b"com.apple.quicktime.location.ISO6709", place),
            ),
            box(b"uuid", place),
        ]
    )


def endless_mp4(depth: int) -> bytes:
    """A film whose index holds an index, which holds an index, and so on."""
    inner = b""
    for _ in range(depth):
        inner = box(b"moov", inner)
    return box(b"ftyp", b"isom", bytes(4), b"isom") + box(b"mdat", b"x") + inner


def pdf() -> bytes:
    return b"%PDF-1.7\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
