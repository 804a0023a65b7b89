import itertools

import pytest

from services.identity.rosters.domain import IMPORT_LIFE, ImportAction, ImportActor, ImportState, mask
from shared.kernel.errors import ForbiddenError
from shared.kernel.state_machine import WrongStateError

LEADS = {
    ("uploaded", "accept"): "checked",
    ("uploaded", "refuse"): "refused",
    ("uploaded", "discard"): "discarded",
    ("checked", "apply"): "applying",
    ("checked", "discard"): "discarded",
    ("applying", "finish"): "applied",
    ("applying", "refuse"): "refused",
    ("applying", "supersede"): "outdated",
}
PEOPLE = {"apply", "discard"}


@pytest.mark.parametrize(("state", "action"), list(itertools.product(ImportState, ImportAction)))
def test_every_action_in_every_state(state, action):
    actor = ImportActor.ADMIN if action.value in PEOPLE else ImportActor.CLOCK
    other = ImportActor.CLOCK if actor is ImportActor.ADMIN else ImportActor.ADMIN
    with pytest.raises(ForbiddenError):
        IMPORT_LIFE.perform(state, action, frozenset({other}))
    expected = LEADS.get((state.value, action.value))
    if expected is None:
        with pytest.raises(WrongStateError):
            IMPORT_LIFE.perform(state, action, frozenset({actor}))
    else:
        assert IMPORT_LIFE.perform(state, action, frozenset({actor})) == expected


@pytest.mark.parametrize("state", ["refused", "applied", "outdated", "discarded"])
def test_an_import_that_has_ended_stays_so(state):
    assert IMPORT_LIFE.is_final(ImportState(state))


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("", ""),
        ("张", "张"),
        ("张三", "张*"),
        ("欧阳小明", "欧***"),
        ("123456", "1****6"),
        ("19400001234", "194****1234"),
        ("000000198503010015", "000***********0015"),
    ],
)
def test_a_personal_value_is_masked_and_keeps_its_length(value, shown):
    assert mask(value) == shown
    assert len(shown) == len(value)
