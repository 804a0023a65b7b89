"""Small things of the client that loads the demo."""

from datetime import UTC, datetime

from launcher.demo.client import one_time_code


def test_six_digits_follow_the_standard() -> None:
    # The test vector of RFC 6238 for SHA-1 at 59 seconds, cut to six digits.
    secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
    assert one_time_code(secret, datetime.fromtimestamp(59, UTC)) == "287082"
