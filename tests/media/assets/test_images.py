"""The cleaning of pictures: what comes out, and that nothing bad gets in."""

import io
import tracemalloc
from contextlib import nullcontext

import pytest
from PIL import Image

from services.media.assets.errors import PictureTooLargeError, UnreadableFileError
from services.media.assets.images import (
    CleanPicture,
    PictureLimits,
    clean_picture,
    difference_hash,
    has_endless_scans,
    hash_distance,
)
from services.media.assets.sniffing import MediaType
from tests.media.assets import samples

GOOD = {
    MediaType.JPEG: samples.jpeg,
    MediaType.PNG: samples.png,
    MediaType.WEBP: samples.webp,
    MediaType.HEIC: samples.heic,
}


def opened(data: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(data))
    image.load()
    return image


def near(one: object, other: tuple[int, int, int]) -> bool:
    assert isinstance(one, tuple)
    return all(abs(a - b) < 40 for a, b in zip(one, other, strict=True))


@pytest.mark.parametrize("media_type", GOOD)
def test_every_kind_becomes_an_upright_jpeg_of_the_same_picture(media_type):
    clean = clean_picture(GOOD[media_type](), media_type)
    public = opened(clean.public)
    assert (public.format, public.mode, public.size) == ("JPEG", "RGB", (64, 48))
    assert (clean.width_px, clean.height_px) == (64, 48)
    assert near(public.getpixel((4, 44)), (200, 30, 30))
    assert near(public.getpixel((60, 44)), (30, 30, 200))


@pytest.mark.parametrize("media_type", GOOD)
def test_the_same_picture_has_nearly_the_same_fingerprint_in_every_kind(media_type):
    reference = difference_hash(samples.picture())
    assert hash_distance(clean_picture(GOOD[media_type](), media_type).dhash, reference) <= 10


def test_another_picture_has_another_fingerprint():
    mirrored = samples.picture().transpose(Image.Transpose.FLIP_TOP_BOTTOM).convert("L")
    gradient = Image.linear_gradient("L").rotate(90)
    assert hash_distance(difference_hash(mirrored), difference_hash(gradient)) > 20
    assert 0 <= difference_hash(gradient) < 2**64


@pytest.mark.parametrize(
    ("orientation", "size", "top_left"),
    [
        (1, (64, 48), "yellow"),
        (2, (64, 48), "blue"),
        (3, (64, 48), "blue"),
        (4, (64, 48), "red"),
        (5, (48, 64), "yellow"),
        (6, (48, 64), "red"),
        (7, (48, 64), "blue"),
        (8, (48, 64), "blue"),
        (99, (64, 48), "yellow"),
    ],
)
def test_the_camera_orientation_is_applied_to_the_pixels(orientation, size, top_left):
    colours = {"yellow": (240, 240, 90), "red": (200, 30, 30), "blue": (30, 30, 200)}
    public = opened(clean_picture(samples.jpeg(orientation=orientation), MediaType.JPEG).public)
    assert public.size == size
    assert near(public.getpixel((2, 2)), colours[top_left])


def test_nothing_the_camera_wrote_is_left():
    original = samples.jpeg(orientation=6, gps=True)
    assert samples.SECRET.encode() in original
    assert opened(original).getexif().get_ifd(samples.GPS_TAG)
    clean = clean_picture(original, MediaType.JPEG)
    for copy in (clean.public, clean.medium, clean.small):
        image = opened(copy)
        assert not image.getexif()
        assert set(image.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density", "progressive", "progression"}
        assert samples.SECRET.encode() not in copy
        assert b"Exif" not in copy


@pytest.mark.parametrize("media_type", [MediaType.PNG, MediaType.WEBP])
def test_comments_of_other_kinds_are_left_behind_too(media_type):
    original = GOOD[media_type]()
    assert b"secret-place" in original
    assert b"secret-place" not in clean_picture(original, media_type).public


def test_a_broken_exif_block_is_no_reason_to_refuse_the_photo():
    broken = (
        samples.jpeg(orientation=6)
        .replace(b"Exif\x00\x00MM", b"Exif\x00\x00XX")
        .replace(b"Exif\x00\x00II", b"Exif\x00\x00XX")
    )
    assert opened(clean_picture(broken, MediaType.JPEG).public).size == (64, 48)


def test_copies_are_bounded_and_keep_the_shape():
    clean = clean_picture(samples.jpeg(4000, 1000), MediaType.JPEG)
    assert opened(clean.public).size == (2560, 640)
    assert opened(clean.medium).size == (960, 240)
    assert opened(clean.small).size == (240, 60)


def test_a_small_picture_is_never_blown_up():
    clean = clean_picture(samples.jpeg(20, 10), MediaType.JPEG)
    assert {opened(copy).size for copy in (clean.public, clean.medium, clean.small)} == {(20, 10)}


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "I;16"])
def test_unusual_colour_modes_become_rgb_on_white(mode):
    source = samples.picture().convert("RGBA")
    source.putalpha(0)
    image = Image.new("I;16", (64, 48), 65535) if mode == "I;16" else source.convert(mode)
    clean = clean_picture(samples.encoded(image, "PNG"), MediaType.PNG)
    public = opened(clean.public)
    assert public.mode == "RGB"
    if mode in {"LA", "RGBA", "I;16"}:
        assert near(public.getpixel((40, 40)), (255, 255, 255))


def test_cmyk_jpeg_becomes_rgb():
    data = samples.encoded(samples.picture().convert("CMYK"), "JPEG")
    assert opened(clean_picture(data, MediaType.JPEG).public).mode == "RGB"


def test_an_animation_shows_its_first_picture():
    frames = [Image.new("RGB", (16, 16), colour) for colour in ("red", "blue")]
    data = samples.encoded(frames[0], "WEBP", save_all=True, append_images=frames[1:], lossless=True)
    assert near(opened(clean_picture(data, MediaType.WEBP).public).getpixel((8, 8)), (255, 0, 0))


@pytest.mark.parametrize(
    ("data", "media_type"),
    [
        pytest.param(samples.hollow_png(60_000, 60_000), MediaType.PNG, id="png 60,000 x 60,000"),
        pytest.param(samples.hollow_png(6_000, 4_001), MediaType.PNG, id="png just above ours"),
        pytest.param(samples.hollow_png(1, 16_385), MediaType.PNG, id="png with one long side"),
        pytest.param(samples.hollow_png(2**31, 2**31), MediaType.PNG, id="png beyond all numbers"),
        pytest.param(samples.huge_jpeg_header(60_000, 60_000), MediaType.JPEG, id="jpeg 60,000 x 60,000"),
        pytest.param(samples.huge_jpeg_header(10_000, 10_000), MediaType.JPEG, id="jpeg between warning and error"),
        pytest.param(samples.huge_jpeg_header(8_500, 8_500), MediaType.JPEG, id="jpeg just above ours"),
        pytest.param(samples.bomb_png(20_000), MediaType.PNG, id="decompression bomb"),
    ],
)
def test_too_many_pixels_are_refused_from_the_header_alone(data, media_type):
    tracemalloc.start()
    with pytest.raises(PictureTooLargeError) as refusal:
        clean_picture(data, media_type)
    assert "{" not in refusal.value.message
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 4 * 1024 * 1024


@pytest.mark.parametrize(("times", "is_endless"), [(0, False), (50, False), (101, True), (20_000, True)])
def test_a_photo_that_is_painted_for_ever_is_refused(times, is_endless):
    data = samples.repainted_jpeg(times)
    assert has_endless_scans(data) is is_endless
    with pytest.raises(UnreadableFileError) if is_endless else nullcontext():
        clean_picture(data, MediaType.JPEG)


@pytest.mark.parametrize("part", [b"\xff\xfe\x00\x02", b"\xff\x01", b"\xff\xd8"])
def test_a_photo_of_nothing_but_remarks_is_not_read_to_its_end(part):
    assert has_endless_scans(b"\xff\xd8" + part * 5_000)


@pytest.mark.parametrize(
    "data",
    [
        samples.jpeg(400, 300, orientation=6, gps=True),
        samples.jpeg() + b"\xff\xda\x00\x02" * 1_000,
        samples.jpeg()[:2] + b"\xff\xe1\x0f\xa2" + b"\xff\xda" * 2_000 + samples.jpeg()[2:],
        b"\xff\xd8" + b"\xff" * 5_000,
        b"\xff\xd8\xff\xda",
        b"",
    ],
    ids=["a photo", "a film behind it", "a preview before it", "filling", "half a head", "nothing"],
)
def test_only_the_passes_of_the_photo_itself_count(data):
    assert not has_endless_scans(data)


def test_heic_is_judged_by_its_header_too():
    with pytest.raises(PictureTooLargeError) as refusal:
        clean_picture(samples.heic(640, 480), MediaType.HEIC, PictureLimits(max_pixels=640 * 480 - 1))
    assert refusal.value.facts["width_px"] == 640


def test_a_picture_of_exactly_the_limit_is_taken():
    limits = PictureLimits(max_pixels=64 * 48, max_pixels_drawn=64 * 48, max_side_px=64)
    for media_type, make in GOOD.items():
        assert isinstance(clean_picture(make(), media_type, limits), CleanPicture)


@pytest.mark.parametrize("media_type", [MediaType.PNG, MediaType.WEBP])
def test_what_was_drawn_may_have_fewer_pixels_than_a_photo(media_type):
    limits = PictureLimits(max_pixels_drawn=64 * 48 - 1)
    with pytest.raises(PictureTooLargeError) as refusal:
        clean_picture(GOOD[media_type](), media_type, limits)
    assert refusal.value.facts["max_pixels"] == 64 * 48 - 1
    assert isinstance(clean_picture(samples.jpeg(), MediaType.JPEG, limits), CleanPicture)


@pytest.mark.parametrize("media_type", GOOD)
@pytest.mark.parametrize("kept", [0.1, 0.5, 0.9])
def test_a_file_that_was_cut_off_is_refused(media_type, kept):
    whole = GOOD[media_type](400, 300)
    with pytest.raises(UnreadableFileError):
        clean_picture(whole[: int(len(whole) * kept)], media_type)


@pytest.mark.parametrize(
    ("data", "media_type"),
    [
        pytest.param(samples.hollow_png(0, 10), MediaType.PNG, id="no width"),
        pytest.param(samples.hollow_png(400, 300), MediaType.PNG, id="less content than promised"),
        pytest.param(samples.text_bomb_png(), MediaType.PNG, id="comment bomb"),
        pytest.param(samples.png()[:20], MediaType.PNG, id="half a header"),
        pytest.param(samples.jpeg()[:4], MediaType.JPEG, id="four bytes of jpeg"),
        pytest.param(samples.png(), MediaType.JPEG, id="png told to be jpeg"),
        pytest.param(samples.jpeg(), MediaType.HEIC, id="jpeg told to be heic"),
        pytest.param(b"RIFF\xff\xff\xff\xffWEBPVP8 " + bytes(100), MediaType.WEBP, id="empty webp"),
        pytest.param(samples.box(b"ftyp", b"heic", bytes(4), b"mif1heic") + bytes(64), MediaType.HEIC, id="empty heic"),
    ],
)
def test_broken_content_is_one_clear_refusal(data, media_type):
    with pytest.raises(UnreadableFileError):
        clean_picture(data, media_type)
