"""The public keys, where every verifier looks for them."""

from fastapi import APIRouter, Response

from services.identity.dependencies import Signer
from services.identity.keys.domain import KEY_SET_MAX_AGE
from services.identity.keys.schemas import JwksRead
from shared.problems import problems

router = APIRouter(tags=["登录"])


@router.get("/.well-known/jwks.json", include_in_schema=False, operation_id="get_jwks_at_root")
@router.get("/api/v1/identity/.well-known/jwks.json", responses=problems())
async def get_jwks(signer: Signer, response: Response) -> JwksRead:
    """Return the keys that may be trusted: the present one, the next one, and those whose tokens still live."""
    response.headers["Cache-Control"] = f"public, max-age={int(KEY_SET_MAX_AGE.total_seconds())}"
    return JwksRead.model_validate(await signer.key_set())
