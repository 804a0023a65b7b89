"""One-time passwords against the vectors of the standards."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.identity.staff import totp

SECRET = b"12345678901234567890"
MINUTE = datetime(2026, 3, 2, 8, 0, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("counter", "password"),
    list(
        enumerate(["755224", "287082", "359152", "969429", "338314", "254676", "287922", "162583", "399871", "520489"])
    ),
)
def test_rfc_4226_appendix_d(counter: int, password: str) -> None:
    assert totp.hotp(SECRET, counter) == password


@pytest.mark.parametrize(
    ("algorithm", "seconds", "password"),
    [
        ("sha1", 59, "94287082"),
        ("sha256", 59, "46119246"),
        ("sha512", 59, "90693936"),
        ("sha1", 1111111109, "07081804"),
        ("sha256", 1111111109, "68084774"),
        ("sha512", 1111111109, "25091201"),
        ("sha1", 1111111111, "14050471"),
        ("sha256", 1111111111, "67062674"),
        ("sha512", 1111111111, "99943326"),
        ("sha1", 1234567890, "89005924"),
        ("sha256", 1234567890, "91819424"),
        ("sha512", 1234567890, "93441116"),
        ("sha1", 2000000000, "69279037"),
        ("sha256", 2000000000, "90698825"),
        ("sha512", 2000000000, "38618901"),
        ("sha1", 20000000000, "65353130"),
        ("sha256", 20000000000, "77737706"),
        ("sha512", 20000000000, "47863826"),
    ],
)
def test_rfc_6238_appendix_b(algorithm: str, seconds: int, password: str) -> None:
    length = {"sha1": 20, "sha256": 32, "sha512": 64}[algorithm]
    secret = (b"1234567890" * 7)[:length]
    step = totp.step_of(datetime.fromtimestamp(seconds, UTC))
    assert totp.hotp(secret, step, digits=8, algorithm=algorithm) == password


@pytest.mark.parametrize(
    ("typed_after", "matches"),
    [(-60, False), (-30, True), (0, True), (29, True), (30, True), (59, True), (60, False)],
)
def test_a_clock_may_be_off_by_one_step(typed_after: int, matches: bool) -> None:
    code = totp.totp(SECRET, MINUTE)
    step = totp.matching_step(SECRET, code, at=MINUTE + timedelta(seconds=typed_after), used_step=0)
    assert (step == totp.step_of(MINUTE)) is matches


def test_a_code_works_once() -> None:
    code = totp.totp(SECRET, MINUTE)
    used = totp.matching_step(SECRET, code, at=MINUTE, used_step=0)
    assert used is not None
    assert totp.matching_step(SECRET, code, at=MINUTE, used_step=used) is None
    later = MINUTE + timedelta(seconds=30)
    assert totp.matching_step(SECRET, totp.totp(SECRET, later), at=later, used_step=used) == used + 1


@pytest.mark.parametrize("typed", ["", "12345", "1234567", "abcdef", "１２３４５６", "12 34"])
def test_what_is_not_six_digits_never_matches(typed: str) -> None:
    assert totp.matching_step(SECRET, typed, at=MINUTE, used_step=0) is None


def test_spaces_do_not_matter() -> None:
    code = totp.totp(SECRET, MINUTE)
    assert totp.matching_step(SECRET, f" {code[:3]} {code[3:]} ", at=MINUTE, used_step=0) is not None


@given(st.binary(min_size=1, max_size=40))
def test_a_secret_survives_being_written_down(secret: bytes) -> None:
    assert totp.from_base32(totp.to_base32(secret)) == secret


def test_the_address_for_an_authenticator_app() -> None:
    uri = totp.provisioning_uri(SECRET, issuer="缔园", label="zhang.san")
    assert uri == (
        "otpauth://totp/%E7%BC%94%E5%9B%AD:zhang.san"
        "?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=%E7%BC%94%E5%9B%AD&digits=6&period=30"
    )
