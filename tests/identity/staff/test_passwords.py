"""Staff passwords, good and bad."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.identity.staff.errors import PasswordTooWeakError
from services.identity.staff.passwords import initial_password, normalise, require_strong, weaknesses


@pytest.mark.parametrize(
    ("password", "reason"),
    [
        ("k7mq-x3t", "至少 10 个字符"),
        ("x7" * 65, "最多 128 个字符"),
        ("Zhang.San-2026!", "不能包含用户名"),
        ("aabbaabbaabb", "至少要有 5 个不同的字符"),
        ("1234567890", "不能是常见的或连续的密码"),
        ("Password123", "不能是常见的或连续的密码"),
        ("mnopqrstuvw", "不能是常见的或连续的密码"),
        ("zyxwvutsrqp", "不能是常见的或连续的密码"),
        ("１２３４５６７８９０", "不能是常见的或连续的密码"),
    ],
)
def test_a_weak_password_is_told_why(password: str, reason: str) -> None:
    assert reason in weaknesses(password, user_name="zhang.san")
    with pytest.raises(PasswordTooWeakError) as refused:
        require_strong(password, user_name="zhang.san")
    assert reason in refused.value.message


@pytest.mark.parametrize("password", ["门前的石榴树开了七朵花", "correct horse battery", "k7mq-x3tf-p9hw"])
def test_a_long_or_random_password_is_good(password: str) -> None:
    assert weaknesses(password, user_name="zhang.san") == []


def test_full_width_characters_are_the_same_password() -> None:
    assert normalise("ｋ７ｍｑ－ｘ３ｔｆ") == normalise("k7mq-x3tf")


@given(st.binary(min_size=16, max_size=32).filter(lambda b: len(set(b)) > 12))
def test_an_initial_password_can_be_read_out(randomness: bytes) -> None:
    password = initial_password(randomness)
    assert [len(group) for group in password.split("-")] == [4, 4, 4]
    assert not set("01loi") & set(password)


def test_initial_passwords_differ_and_need_randomness() -> None:
    assert initial_password(b"a" * 16) != initial_password(b"b" * 16)
    with pytest.raises(ValueError, match="16"):
        initial_password(b"short")
