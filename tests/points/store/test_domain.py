"""What a product may become, and the windows in which a household's limit is counted."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.points.store.domain import LIFE, ProductAction, ProductActor, ProductState, limit_window
from shared.kernel.errors import ForbiddenError
from shared.kernel.state_machine import WrongStateError

DAYS = st.dates(date(2020, 1, 1), date(2100, 12, 31))
LENGTHS = st.integers(1, 366)
DAY = timedelta(days=1)


@given(DAYS, LENGTHS)
def test_every_day_lies_in_one_window_of_its_length(on: date, days: int) -> None:
    window = limit_window(on, days)

    assert window.begins_on <= on <= window.ends_on
    assert window.ends_on - window.begins_on + DAY == timedelta(days=days)
    assert {limit_window(day, days) for day in (window.begins_on, window.ends_on)} == {window}


@given(DAYS, LENGTHS)
def test_windows_follow_each_other_without_gap(on: date, days: int) -> None:
    window = limit_window(on, days)
    following = limit_window(window.ends_on + DAY, days)

    assert following.begins_on == window.ends_on + DAY
    assert following.number == window.number + days


BECOMES = {
    ProductAction.PUT_ON_SALE: ProductState.ON_SALE,
    ProductAction.WITHDRAW: ProductState.WITHDRAWN,
    ProductAction.TAKE_BACK_TO_DRAFT: ProductState.DRAFT,
}


@pytest.mark.parametrize("action", list(ProductAction))
@pytest.mark.parametrize("state", list(ProductState))
def test_every_state_against_every_action(state: ProductState, action: ProductAction) -> None:
    stocker = frozenset({ProductActor.STOCKER})
    with pytest.raises(ForbiddenError):
        LIFE.perform(state, action, frozenset())
    if BECOMES[action] is state:
        with pytest.raises(WrongStateError):
            LIFE.perform(state, action, stocker)
    else:
        assert LIFE.perform(state, action, stocker) is BECOMES[action]
