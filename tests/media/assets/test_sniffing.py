"""Kinds told by content: a good name does not help a wrong content."""

import pytest

from services.media.assets.errors import EmptyFileError, FileTooLargeError, UnreadableFileError, UnsupportedTypeError
from services.media.assets.sniffing import MAX_FILE_BYTES, MediaType, read_boxes, require_size, sniff
from tests.media.assets import samples


@pytest.mark.parametrize(
    ("data", "media_type"),
    [
        (samples.jpeg(), MediaType.JPEG),
        (samples.png(), MediaType.PNG),
        (samples.webp(), MediaType.WEBP),
        (samples.heic(), MediaType.HEIC),
        (samples.pdf(), MediaType.PDF),
        (samples.mp4(), MediaType.MP4),
        (samples.mp4(brand=b"mp42"), MediaType.MP4),
        (samples.box(b"ftyp", b"mif1", bytes(4), b"mif1", b"heic"), MediaType.HEIC),
    ],
)
def test_known_kinds(data, media_type):
    assert sniff(data) is media_type


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"MZ\x90\x00" + bytes(60), id="program"),
        pytest.param(b"<!doctype html><script>", id="page"),
        pytest.param(b'<?xml version="1.0"?><svg/>', id="svg"),
        pytest.param(b"GIF89a" + bytes(20), id="gif"),
        pytest.param(b"PK\x03\x04" + bytes(60), id="zip, docx, xlsx"),
        pytest.param(b" %PDF-1.7\n%%EOF", id="pdf not at the start"),
        pytest.param(b"\xff\xd8", id="two bytes of jpeg"),
        pytest.param(b"RIFF\x00\x00\x00\x00WAVE", id="sound"),
        pytest.param(samples.box(b"ftyp", b"qt  ", bytes(4), b"qt  "), id="quicktime"),
        pytest.param(samples.box(b"ftyp", b"avif", bytes(4), b"mif1", b"avif"), id="avif"),
        pytest.param(samples.box(b"ftyp", b"mif1", bytes(4), b"mif1", b"avif"), id="avif as mif1"),
        pytest.param(b"\x00", id="one byte"),
    ],
)
def test_other_kinds_are_refused(data):
    with pytest.raises(UnsupportedTypeError):
        sniff(data)


def test_nothing_is_refused():
    with pytest.raises(EmptyFileError):
        sniff(b"")


def test_a_pdf_without_its_end_is_refused():
    with pytest.raises(UnreadableFileError):
        sniff(samples.pdf()[:-6])


def test_ten_megabytes_are_taken_and_one_byte_more_is_not():
    require_size(MAX_FILE_BYTES)
    with pytest.raises(FileTooLargeError) as refusal:
        require_size(MAX_FILE_BYTES + 1)
    assert refusal.value.facts == {"max_bytes": 10_485_760, "max_megabytes": 10}


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"\x00\x00\x00\x04free", id="shorter than its header"),
        pytest.param(b"\x00\x00\x00\xfffree", id="beyond the end"),
        pytest.param(b"\x00\x00\x00", id="half a size"),
        pytest.param(b"\x00\x00\x00\x01free" + bytes(8), id="long size of nothing"),
        pytest.param(b"\x00\x00\x00\x01free" + b"\xff" * 8, id="long size beyond the end"),
    ],
)
def test_boxes_that_do_not_fit_are_refused(data):
    with pytest.raises(UnreadableFileError):
        read_boxes(data, 0, len(data))


def test_boxes_of_all_three_sizes_are_read():
    data = (
        samples.box(b"free", b"abc")
        + b"\x00\x00\x00\x01wide"
        + (17).to_bytes(8, "big")
        + b"x"
        + b"\x00\x00\x00\x00mdat123"
    )
    assert [(box.kind, data[box.body : box.end]) for box in read_boxes(data, 0, len(data))] == [
        (b"free", b"abc"),
        (b"wide", b"x"),
        (b"mdat", b"123"),
    ]
