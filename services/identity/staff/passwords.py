"""What a staff password must be, and the first one a new colleague gets."""

import itertools
import unicodedata

from services.identity.staff.errors import PasswordTooWeakError

SHORTEST = 10
LONGEST = 128
_COMMON = frozenset(
    {
        "1234567890",
        "0123456789",
        "12345678910",
        "123456789a",
        "a123456789",
        "1q2w3e4r5t",
        "qwertyuiop",
        "abcdefghij",
        "password123",
        "password1234",
        "administrator",
        "iloveyou123",
        "woaini1314",
        "woaini5201314",
        "5201314520",
        "1314520520",
    }
)
_UNAMBIGUOUS = "abcdefghjkmnpqrstuvwxyz23456789"


def normalise(password: str) -> str:
    """Return the form that is hashed: the same characters whatever keyboard typed them."""
    return unicodedata.normalize("NFKC", password)


def weaknesses(password: str, *, user_name: str) -> list[str]:
    """Return, in Chinese, every reason why a password is too weak; an empty list means it is good."""
    text = normalise(password)
    folded = text.casefold()
    reasons = []
    if len(text) < SHORTEST:
        reasons.append(f"至少 {SHORTEST} 个字符")
    if len(text) > LONGEST:
        reasons.append(f"最多 {LONGEST} 个字符")
    if user_name and user_name.casefold() in folded:
        reasons.append("不能包含用户名")
    if len(set(folded)) < 5:
        reasons.append("至少要有 5 个不同的字符")
    if folded in _COMMON or _is_run(folded):
        reasons.append("不能是常见的或连续的密码")
    return reasons


def require_strong(password: str, *, user_name: str, present: str | None = None) -> None:
    """Pass when a password is good enough, and another one than the present one.

    Errors: PasswordTooWeakError naming every reason.
    """
    reasons = weaknesses(password, user_name=user_name)
    if present is not None and normalise(password) == normalise(present):
        reasons.append("不能和原来的密码一样")
    if reasons:
        raise PasswordTooWeakError(reasons=reasons, summary="；".join(reasons))


def initial_password(randomness: bytes) -> str:
    """Spell a first password that can be read out over the telephone, such as `k7mq-x3tf-p9hw`.

    Units/shapes: at least 16 random bytes, of which the password keeps about 59 bits.
    Errors: ValueError when there is too little randomness.
    """
    if len(randomness) < 16:
        msg = "an initial password needs at least 16 random bytes"
        raise ValueError(msg)
    number = int.from_bytes(randomness, "big")
    letters = []
    for _ in range(12):
        number, index = divmod(number, len(_UNAMBIGUOUS))
        letters.append(_UNAMBIGUOUS[index])
    return "-".join("".join(letters[i : i + 4]) for i in (0, 4, 8))


def _is_run(text: str) -> bool:
    steps = {ord(b) - ord(a) for a, b in itertools.pairwise(text)}
    return steps in ({1}, {-1})
