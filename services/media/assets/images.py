"""Cleaning of pictures: bytes in, public copy, thumbnails and fingerprint out. Pure, bounded, and without trust in the sender.

The size is read from the header and judged before a single pixel is decoded. The public copy is made from pixels alone, turned
upright and in sRGB, so nothing the camera wrote (place, time, device, embedded preview) can come along.
"""

import io
import re
import struct
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pillow_heif
from PIL import Image, ImageCms, ImageOps

from services.media.assets.errors import PictureTooLargeError, UnreadableFileError
from services.media.assets.sniffing import MediaType

_ORIENTATION_TAG = 0x0112
_TURNS: Mapping[int, Image.Transpose] = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_PILLOW_FORMATS: Mapping[MediaType, str] = {MediaType.JPEG: "JPEG", MediaType.PNG: "PNG", MediaType.WEBP: "WEBP"}
_DECODER_FAILURES = (
    OSError,
    SyntaxError,
    ValueError,
    EOFError,
    IndexError,
    KeyError,
    TypeError,
    OverflowError,
    RuntimeError,
    struct.error,
    zlib.error,
    Image.DecompressionBombError,
    Image.DecompressionBombWarning,
)
"""Everything the decoders are known to raise on hostile input; MemoryError is not among them and stays a fault of ours."""
_HASH_COLUMNS = 8
_MARKER = re.compile(rb"\xff([\x01-\xcf\xd8-\xfe])")
"""A marker of a JPEG; what looks like one inside packed pixels is followed by 0 or counts restarts."""
_SCAN, _END, _BARE = 0xDA, 0xD9, frozenset({0x01, 0xD8})
_MOST_SCANS = 100
"""A photo comes in one pass or in about ten; each costs the time of a whole picture, however few its bytes."""
_MOST_PARTS = 5_000
"""Tables, comments and passes together; a photo has some dozens."""
_SHRINKABLE = frozenset({"RGB", "RGBA", "RGBX", "L", "LA", "CMYK"})
"""Modes whose pixels can be averaged; a palette's numbers, for one, cannot."""


@dataclass(frozen=True, slots=True)
class PictureLimits:
    """How much is decoded and how large the copies are, in pixels.

    64 million lets today's 48-megapixel phones through, which write JPEG or HEIC. PNG and WebP are drawn or saved from screens: they
    take up to sixteen bytes for each pixel while they are opened, and a few kilobytes can promise all of them.
    """

    max_pixels: int = 64_000_000
    max_pixels_drawn: int = 24_000_000
    max_side_px: int = 16_384
    public_side_px: int = 2_560
    medium_side_px: int = 960
    small_side_px: int = 240
    quality: int = 85


@dataclass(frozen=True, slots=True)
class CleanPicture:
    """The copies made of one picture, each a JPEG, and what is worth remembering of it.

    `width_px` and `height_px` are those of the public copy; `dhash` is its 64-bit difference hash.
    """

    public: bytes
    medium: bytes
    small: bytes
    width_px: int
    height_px: int
    dhash: int


def clean_picture(data: bytes, media_type: MediaType, limits: PictureLimits | None = None) -> CleanPicture:
    """Make the public copy, the thumbnails and the fingerprint of a picture.

    Errors: PictureTooLargeError, from the header, before decoding; UnreadableFileError when it is broken or cut off.
    """
    limits = limits or PictureLimits()
    with _hostile_input():
        image, orientation = _open(data, media_type, limits)
        if image.mode in _SHRINKABLE:
            # As early as can be: everything after this holds a small picture in memory instead of the huge one.
            image = _shrink(image, limits.public_side_px)
        if orientation in _TURNS:
            image = image.transpose(_TURNS[orientation])
        flat = _flatten(image)
        del image
    upright = _shrink(flat, limits.public_side_px)
    medium = _shrink(upright, limits.medium_side_px)
    small = _shrink(medium, limits.small_side_px)
    return CleanPicture(
        public=_encode(upright, limits.quality),
        medium=_encode(medium, limits.quality),
        small=_encode(small, limits.quality),
        width_px=upright.width,
        height_px=upright.height,
        dhash=difference_hash(upright),
    )


def difference_hash(image: Image.Image) -> int:
    """Return the 64-bit dHash: each bit says whether a cell of an 8×8 grid is darker than its right neighbour.

    Shrinking, recompressing or brightening a picture changes few bits; see `hash_distance`.
    """
    tiny = image.convert("L").resize((_HASH_COLUMNS + 1, _HASH_COLUMNS), Image.Resampling.BOX).tobytes()
    bits = 0
    for row in range(_HASH_COLUMNS):
        for column in range(_HASH_COLUMNS):
            at = row * (_HASH_COLUMNS + 1) + column
            bits = bits << 1 | (tiny[at] < tiny[at + 1])
    return bits


def hash_distance(one: int, other: int) -> int:
    """Return in how many of the 64 bits two hashes differ; up to about 10 is probably the same picture."""
    return (one ^ other).bit_count()


def has_endless_scans(data: bytes, *, most: int = _MOST_SCANS) -> bool:
    """Tell whether a JPEG would be painted over and over: a hundred bytes a pass, ten megabytes an hour."""
    scans, at = 0, 0
    for _ in range(_MOST_PARTS):
        found = _MARKER.search(data, at)
        if found is None or found[1][0] == _END:
            return False
        at = found.end()
        if found[1][0] not in _BARE:
            scans += found[1][0] == _SCAN
            at += int.from_bytes(data[at : at + 2], "big")
        if scans > most:
            break
    return True


@contextmanager
def _hostile_input() -> Iterator[None]:
    try:
        yield
    except _DECODER_FAILURES as error:
        raise UnreadableFileError from error


def _open(data: bytes, media_type: MediaType, limits: PictureLimits) -> tuple[Image.Image, int]:
    """Decode, a JPEG at not much more than the size the public copy needs, and tell how the camera was held."""
    if media_type is MediaType.PNG:
        # Pillow itself would warn or refuse in its own words, so the one header with fixed places is read by hand.
        _require_dimensions(struct.unpack(">II", data[16:24]), limits, limits.max_pixels_drawn)
    if media_type is MediaType.HEIC:
        heif: Any = pillow_heif.HeifFile(data)  # type: ignore[no-untyped-call]  # the package says it is typed and is not.
        _require_dimensions(heif.size, limits, limits.max_pixels)
        # libheif has already turned it upright: in HEIC the container says how, and the EXIF tag is to be ignored.
        return heif.to_pillow(), 1
    if media_type is MediaType.JPEG and has_endless_scans(data):
        raise UnreadableFileError
    try:
        image = Image.open(io.BytesIO(data), formats=[_PILLOW_FORMATS[media_type]])
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise PictureTooLargeError(max_side_px=limits.max_side_px, max_pixels=limits.max_pixels) from None
    _require_dimensions(
        image.size, limits, limits.max_pixels if media_type is MediaType.JPEG else limits.max_pixels_drawn
    )
    orientation = _orientation(image)
    # A JPEG can be decoded at a half, a quarter or an eighth, which keeps time and memory of huge photos small.
    image.draft(None, (limits.public_side_px, limits.public_side_px))
    image.load()
    return image, orientation


def _require_dimensions(size_px: tuple[int, int], limits: PictureLimits, max_pixels: int) -> None:
    width, height = size_px
    if width <= 0 or height <= 0:
        raise UnreadableFileError
    if max(width, height) > limits.max_side_px or width * height > max_pixels:
        raise PictureTooLargeError(
            width_px=width, height_px=height, max_side_px=limits.max_side_px, max_pixels=max_pixels
        )


def _orientation(image: Image.Image) -> int:
    """Read how the camera was held; a broken EXIF block says nothing and is thrown away with the rest."""
    try:
        value = image.getexif().get(_ORIENTATION_TAG, 1)
    except _DECODER_FAILURES:
        return 1
    return value if isinstance(value, int) else 1


def _flatten(image: Image.Image) -> Image.Image:
    """Return 8-bit RGB in sRGB on white paper, with an empty `info`."""
    profile = image.info.get("icc_profile")
    if image.mode.startswith("I"):
        image = image.convert("I").point(lambda value: value * (1 / 256)).convert("L")
    if image.has_transparency_data:
        image = image.convert("RGBA")
        paper = Image.new("RGBA", image.size, "white")
        paper.alpha_composite(image)
        image = paper
    if profile and image.mode in {"RGB", "CMYK"}:
        image = _to_srgb(image, profile)
    flat = Image.new("RGB", image.size)
    flat.paste(image.convert("RGB"))
    return flat


def _to_srgb(image: Image.Image, profile: bytes) -> Image.Image:
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        converted = ImageCms.profileToProfile(image, source, ImageCms.createProfile("sRGB"), outputMode="RGB")
    except (ImageCms.PyCMSError, *_DECODER_FAILURES):
        # A wrong profile shifts colours a little; that is no reason to refuse the photo of a broken lamp.
        return image
    return converted or image


def _shrink(image: Image.Image, side_px: int) -> Image.Image:
    if max(image.size) <= side_px:
        return image
    return ImageOps.contain(image, (side_px, side_px), Image.Resampling.LANCZOS)


def _encode(image: Image.Image, quality: int) -> bytes:
    out = io.BytesIO()
    image.save(out, "JPEG", quality=quality, optimize=True, progressive=True)
    return out.getvalue()
