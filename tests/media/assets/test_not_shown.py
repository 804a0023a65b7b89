"""Other services keep photo ids and never ask about them (ADR 0014): whatever is not to be seen is told in one and the same way."""

from typing import Any

from services.media.assets.errors import AssetNotFoundError
from shared.ids import new_id
from shared.kernel.principal import Role
from shared.testing.clients import ClientFor, People
from tests.media.assets import samples

ASSETS = "/api/v1/media/assets"


async def test_a_reader_cannot_tell_why_a_photo_is_not_shown(
    client_for: ClientFor, people: People, strangers: People
) -> None:
    async def uploaded(who: People) -> tuple[Any, str]:
        client = client_for("media", who.resident())
        answer = await client.post(ASSETS, files={"file": ("photo.jpg", samples.jpeg())})
        assert answer.status_code == 201, answer.text
        return client, answer.json()["id"]

    owner, deleted = await uploaded(people)
    assert (await owner.delete(f"{ASSETS}/{deleted}")).status_code == 204
    _, rejected = await uploaded(people)
    reviewer = client_for("media", people.staff(Role.COMMUNITY_ADMIN))
    verdict = {"judgement": "reject", "reason": "画面里有身份证"}
    assert (await reviewer.post(f"{ASSETS}/{rejected}/reviews", json=verdict)).json()["state"] == "risky"
    _, elsewhere = await uploaded(strangers)
    _, shown = await uploaded(people)

    reader = client_for("media", people.resident())
    assert (await reader.get(f"{ASSETS}/{shown}")).status_code == 200
    told = set()
    for asset_id in (deleted, rejected, elsewhere, str(new_id())):
        answer = await reader.get(f"{ASSETS}/{asset_id}")
        problem = answer.json()
        told.add((answer.status_code, problem["code"], problem["detail"], frozenset(problem)))
    ((status, code, detail, _),) = told
    assert (status, code, detail) == (404, "media.asset_not_found", AssetNotFoundError.detail)
