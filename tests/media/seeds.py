"""What a community has in this service, for proofs that nobody else can reach it."""

from typing import Any

from shared.testing.clients import ClientFor, People
from tests.media.assets import samples


async def seed(client_for: ClientFor, people: People, hear: Any) -> None:
    """Upload a photo and a document, and take one back."""
    owner = client_for("media", people.resident())
    for data in (samples.jpeg(), samples.pdf(), samples.png()):
        response = await owner.post("/api/v1/media/assets", files={"file": ("file", data)})
        assert response.status_code == 201, response.text
    assert (await owner.delete(f"/api/v1/media/assets/{response.json()['id']}")).status_code == 204
