"""Personal fields at rest: unreadable without the key, immovable, found by an index, shown masked."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.crypto import CipherError, FieldCipher, mask_identity_number, mask_name, mask_phone

OLD, NEW, INDEX = b"o" * 32, b"n" * 32, b"i" * 32


@given(st.text(), st.text())
def test_what_is_encrypted_can_be_read_again(plain: str, context: str) -> None:
    if any("\ud800" <= c <= "\udfff" for c in plain + context):
        return
    cipher = FieldCipher({"k1": OLD}, INDEX)
    assert cipher.decrypt(cipher.encrypt(plain, context), context) == plain


def test_same_text_never_looks_the_same() -> None:
    cipher = FieldCipher({"k1": OLD}, INDEX)
    sealed = {cipher.encrypt("13812341234", "resident.phone:1") for _ in range(50)}
    assert len(sealed) == 50
    assert all("1381234" not in s for s in sealed)


def test_rotation_reads_old_and_writes_new() -> None:
    before = FieldCipher({"k1": OLD}, INDEX).encrypt("王小明", "c")
    both = FieldCipher({"k1": OLD, "k2": NEW}, INDEX)
    after = both.encrypt("王小明", "c")

    assert both.decrypt(before, "c") == both.decrypt(after, "c") == "王小明"
    assert (before.split(":")[0], after.split(":")[0]) == ("k1", "k2")
    only_new = FieldCipher({"k2": NEW}, INDEX)
    assert only_new.decrypt(after, "c") == "王小明"
    with pytest.raises(CipherError):
        only_new.decrypt(before, "c")


def test_field_cannot_be_moved_to_another_row() -> None:
    cipher = FieldCipher({"k1": OLD}, INDEX)
    sealed = cipher.encrypt("13812341234", "resident.phone:1")
    with pytest.raises(CipherError):
        cipher.decrypt(sealed, "resident.phone:2")


def test_every_changed_byte_is_noticed() -> None:
    cipher = FieldCipher({"k1": OLD}, INDEX)
    key_id, _, encoded = cipher.encrypt("13812341234", "c").partition(":")
    raw = base64.b64decode(encoded)
    for position in range(len(raw)):
        changed = raw[:position] + bytes([raw[position] ^ 1]) + raw[position + 1 :]
        with pytest.raises(CipherError):
            cipher.decrypt(f"{key_id}:{base64.b64encode(changed).decode()}", "c")


@pytest.mark.parametrize(
    "sealed", ["", "k1", "k1:", "k1:AAAA", "k1:not base64!", "k1:中文", "k9:AAAA", ":AAAA", "AAAA"]
)
def test_text_that_was_never_sealed(sealed: str) -> None:
    with pytest.raises(CipherError):
        FieldCipher({"k1": OLD}, INDEX).decrypt(sealed, "c")


def test_index_finds_without_reading() -> None:
    cipher = FieldCipher({"k1": OLD}, INDEX)
    index = cipher.blind_index("42030019600101123x", "identity_number")
    assert len(index) == 32
    assert index == cipher.blind_index(" 42030019600101123X ", "identity_number")
    assert index == FieldCipher({"k2": NEW}, INDEX).blind_index("42030019600101123X", "identity_number")
    assert index != cipher.blind_index("42030019600101123X", "phone")
    assert index != FieldCipher({"k1": OLD}, b"j" * 32).blind_index("42030019600101123X", "identity_number")


@pytest.mark.parametrize(
    ("phone", "shown"),
    [
        ("13812341234", "138****1234"),
        ("02712345678", "027****5678"),
        ("1234567", "****"),
        ("12345678", "123****5678"),
        ("", "****"),
    ],
)
def test_masked_phone(phone: str, shown: str) -> None:
    assert mask_phone(phone) == shown


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        ("420300196001011234", "420*************34"),
        ("42030019600101123X", "420*************3X"),
        ("12345", "****"),
        ("123456", "123*56"),
        ("", "****"),
    ],
)
def test_masked_identity_number(number: str, shown: str) -> None:
    assert mask_identity_number(number) == shown


@pytest.mark.parametrize(
    ("name", "shown"), [("王小明", "王**"), ("王明", "王*"), ("王", "王*"), ("", ""), ("欧阳小明", "欧***")]
)
def test_masked_name(name: str, shown: str) -> None:
    assert mask_name(name) == shown


@given(st.text(min_size=8, max_size=20))
def test_mask_hides_all_but_seven_characters_of_a_phone(phone: str) -> None:
    assert phone[3:-4] not in mask_phone(phone) or len(phone[3:-4]) < 2 or set(phone[3:-4]) == {"*"}
