"""The life of an asset: every state with every action, every actor, and who may see it when."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from services.media.assets.domain import (
    CHECK_TIME_LIMIT,
    LIFE,
    Asset,
    AssetAction,
    AssetActor,
    AssetState,
    acting_as,
    admit,
    can_see,
    clean_file,
    decide,
    delete,
    require_visible,
)
from services.media.assets.errors import AssetNotFoundError, EmptyFileError, FileTooLargeError, NotOwnerError
from services.media.assets.signed_links import Rendition
from services.media.assets.sniffing import MAX_FILE_BYTES, MediaType
from shared.kernel.errors import ForbiddenError
from shared.kernel.principal import AccountKind, Principal, Role, RoleGrant, ScopeKind
from shared.kernel.state_machine import WrongStateError
from tests.media.assets import samples

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
COMMUNITY = UUID(int=1)


def person(number: int, *roles: Role) -> Principal:
    grants = frozenset(RoleGrant(role, ScopeKind.COMMUNITY, str(COMMUNITY)) for role in roles)
    return Principal(UUID(int=number), AccountKind.RESIDENT, COMMUNITY, roles=grants)


OWNER, NEIGHBOUR, REVIEWER = person(10), person(11), person(12, Role.COMMUNITY_ADMIN)
OWNING_REVIEWER = person(10, Role.COMMUNITY_ADMIN)


def asset(state: AssetState = AssetState.PENDING) -> Asset:
    return Asset(
        id=UUID(int=2),
        community_id=COMMUNITY,
        owner_account_id=OWNER.account_id,
        media_type=MediaType.JPEG,
        state=state,
        original_media_type=MediaType.PNG,
        original_sha256="0" * 64,
        original_bytes=100,
        public_bytes=90,
        width_px=64,
        height_px=48,
        dhash=0,
        uploaded_at=NOW,
        check_due_at=NOW + CHECK_TIME_LIMIT,
    )


LEADS_TO = {
    AssetState.PENDING: {
        AssetAction.CHECK_PASSED: AssetState.PASS,
        AssetAction.CHECK_DOUBTED: AssetState.REVIEW,
        AssetAction.CHECK_FAILED: AssetState.RISKY,
        AssetAction.TIME_OUT: AssetState.REVIEW,
        AssetAction.APPROVE: AssetState.PASS,
        AssetAction.REJECT: AssetState.RISKY,
        AssetAction.DELETE: AssetState.DELETED,
    },
    AssetState.REVIEW: {
        AssetAction.CHECK_PASSED: AssetState.PASS,
        AssetAction.CHECK_FAILED: AssetState.RISKY,
        AssetAction.APPROVE: AssetState.PASS,
        AssetAction.REJECT: AssetState.RISKY,
        AssetAction.DELETE: AssetState.DELETED,
    },
    AssetState.PASS: {AssetAction.REJECT: AssetState.RISKY, AssetAction.DELETE: AssetState.DELETED},
    AssetState.RISKY: {AssetAction.APPROVE: AssetState.PASS, AssetAction.DELETE: AssetState.DELETED},
    AssetState.DELETED: {},
}


@pytest.mark.parametrize("state", AssetState)
@pytest.mark.parametrize("action", AssetAction)
def test_every_state_with_every_action(state, action):
    actors = LIFE.actors[action]
    target = LEADS_TO[state].get(action)
    if target is None:
        with pytest.raises(WrongStateError):
            decide(asset(state), action, actors, NOW)
    else:
        assert decide(asset(state), action, actors, NOW).state is target


@pytest.mark.parametrize("action", AssetAction)
def test_nobody_else_may_do_it_and_learns_nothing_of_the_state(action):
    others = frozenset(AssetActor) - LIFE.actors[action]
    for state in AssetState:
        with pytest.raises(ForbiddenError) as refusal:
            decide(asset(state), action, others, NOW)
        assert "state" not in refusal.value.facts


def test_only_deletion_is_final():
    assert [state for state in AssetState if LIFE.is_final(state)] == [AssetState.DELETED]


@pytest.mark.parametrize(
    ("who", "actors"),
    [
        (OWNER, {AssetActor.OWNER}),
        (NEIGHBOUR, set()),
        (REVIEWER, {AssetActor.REVIEWER}),
        (OWNING_REVIEWER, {AssetActor.OWNER}),
        (person(13, Role.STOREKEEPER), set()),
    ],
)
def test_nobody_reviews_an_own_upload(who, actors):
    assert acting_as(asset(), who) == actors


@pytest.mark.parametrize(
    ("state", "seen_by"),
    [
        (AssetState.PENDING, {OWNER, REVIEWER}),
        (AssetState.REVIEW, {OWNER, REVIEWER}),
        (AssetState.PASS, {OWNER, REVIEWER, NEIGHBOUR}),
        (AssetState.RISKY, {OWNER, REVIEWER}),
        (AssetState.DELETED, set()),
    ],
)
def test_others_see_it_once_it_has_passed(state, seen_by):
    for who in (OWNER, REVIEWER, NEIGHBOUR):
        assert can_see(asset(state), who) is (who in seen_by)
        if who not in seen_by:
            with pytest.raises(AssetNotFoundError):
                require_visible(asset(state), who)


def test_the_owner_takes_it_back_and_nobody_else():
    later = NOW + timedelta(days=1)
    gone = delete(asset(AssetState.PASS), OWNER, later)
    assert (gone.state, gone.deleted_at) == (AssetState.DELETED, later)
    with pytest.raises(NotOwnerError):
        delete(asset(AssetState.PASS), NEIGHBOUR, later)
    with pytest.raises(AssetNotFoundError):
        delete(asset(AssetState.PENDING), NEIGHBOUR, later)
    with pytest.raises(AssetNotFoundError):
        delete(gone, OWNER, later)


@pytest.mark.parametrize(
    ("data", "kept_as", "renditions"),
    [
        (samples.png(), MediaType.JPEG, set(Rendition)),
        (samples.heic(), MediaType.JPEG, set(Rendition)),
        (samples.pdf(), MediaType.PDF, {Rendition.PUBLIC}),
        (samples.mp4(), MediaType.MP4, {Rendition.PUBLIC}),
    ],
)
def test_an_upload_is_cleaned_and_waits_for_its_check(data, kept_as, renditions):
    file = clean_file(data)
    admitted = admit(file, asset_id=UUID(int=7), principal=OWNER, now=NOW)
    assert admitted.state is AssetState.PENDING
    assert admitted.media_type is kept_as
    assert set(file.renditions) == set(admitted.renditions) == renditions
    assert admitted.check_due_at == NOW + CHECK_TIME_LIMIT
    assert admitted.original_bytes == len(data)
    assert admitted.public_bytes == len(file.renditions[Rendition.PUBLIC])
    assert (admitted.dhash is None) is (kept_as is not MediaType.JPEG)


def test_the_hash_is_that_of_the_original():
    assert clean_file(b"%PDF-1.4 %%EOF").original_sha256 == (
        "4657fadcc41df8b592e7f31fa82da583513a1c8774bac5eed31f501fe20b5cbd"
    )


def test_size_is_judged_before_content():
    with pytest.raises(FileTooLargeError):
        clean_file(bytes(MAX_FILE_BYTES + 1))
    with pytest.raises(EmptyFileError):
        clean_file(b"")
