"""What the steps make of rows that were there before."""

from datetime import UTC, datetime
from uuid import UUID

from tests.shared.steps import database, insert, migrate_to, rows

HERE, ELSEWHERE = UUID(int=1), UUID(int=2)
CHOSEN, HANDED_OUT, RESIDENT = UUID(int=11), UUID(int=12), UUID(int=13)
NOW = datetime(2026, 5, 11, 1, tzinfo=UTC)
CREDENTIAL = (
    *("community_id", "account_id", "user_name", "password_hash", "must_change_password"),
    *("totp_secret", "totp_used_step", "failures", "changed_at"),
)
SESSION = (
    *("community_id", "id", "account_id", "kind", "salt", "generation", "device", "has_totp"),
    *("started_at", "refreshed_at", "ended_at", "end_reason"),
)


async def test_the_password_handed_out_keeps_no_login_open(postgres_url: str) -> None:
    sessions = {
        101: (HERE, CHOSEN, None, None),
        102: (HERE, HANDED_OUT, None, "password_changed"),
        103: (HERE, HANDED_OUT, "signed_out", "signed_out"),
        104: (HERE, RESIDENT, None, None),
        105: (ELSEWHERE, HANDED_OUT, None, None),
    }
    async with database(postgres_url) as url:
        await migrate_to(url, "identity", "0005")
        await insert(
            url,
            "identity.staff_credential",
            CREDENTIAL,
            (HERE, CHOSEN, "chosen", "hash", False, "secret", 0, 0, NOW),
            (HERE, HANDED_OUT, "handed.out", "hash", True, "secret", 0, 0, NOW),
            (ELSEWHERE, HANDED_OUT, "handed.out", "hash", False, "secret", 0, 0, NOW),
        )
        await insert(
            url,
            "identity.session",
            SESSION,
            *(
                (community, UUID(int=id_), account, "staff", b"s" * 16, 0, "", True, NOW, NOW, before and NOW, before)
                for id_, (community, account, before, _) in sessions.items()
            ),
        )

        await migrate_to(url, "identity", "0006")

        found = await rows(url, "SELECT id, end_reason, ended_at IS NULL FROM identity.session ORDER BY id")
    assert found == [(UUID(int=id_), after, after is None) for id_, (_, _, _, after) in sessions.items()]
