"""Life cycles as data: one table says what leads where, a second one who may do it."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, Self, TypeVar

from shared.kernel.errors import ConflictError, ForbiddenError


class Worded(StrEnum):
    """A state or an action: the value programs compare, and the Chinese word people read: `OPEN = "open", "投票中"`."""

    word: str

    def __new__(cls, value: str, word: str = "") -> Self:
        # The default is for `State("open")`, which looks a member up and never comes here.
        if not word:
            msg = f"{cls.__name__} needs a Chinese word for {value!r}"
            raise TypeError(msg)
        member = str.__new__(cls, value)
        member._value_ = value
        member.word = word
        return member


S = TypeVar("S", bound=Worded)
A = TypeVar("A", bound=Worded)
W = TypeVar("W", bound=StrEnum)


class WrongStateError(ConflictError):
    """An action that the present state does not allow.

    Facts: `state`, `action` and the `allowed` actions for programs; `state_name` and `action_name` are their Chinese words.
    """

    code = "wrong_state"
    title = "现在不能这样做"
    detail = "现在是“{state_name}”，不能“{action_name}”；可能别人刚办过，请刷新后再看。"


@dataclass(frozen=True)
class StateMachine(Generic[S, A, W]):
    """A life cycle.

    `transitions` maps (state, action) to the next state; `actors` names who may do an action, as the slice's own enum of
    actors (the buyer, a storekeeper, the clock…), because "may" depends on the thing and not on a role alone.
    """

    transitions: Mapping[tuple[S, A], S]
    actors: Mapping[A, frozenset[W]]

    def next_state(self, state: S, action: A) -> S:
        """Return where the action leads.

        Errors: WrongStateError.
        """
        try:
            return self.transitions[state, action]
        except KeyError:
            allowed = sorted(a.value for s, a in self.transitions if s is state)
            raise WrongStateError(
                state=state.value,
                state_name=state.word,
                action=action.value,
                action_name=action.word,
                allowed=allowed,
            ) from None

    def perform(self, state: S, action: A, acting_as: frozenset[W]) -> S:
        """Return where the action leads when one of `acting_as` does it.

        Errors: ForbiddenError before WrongStateError, so that an outsider learns nothing about the state.
        """
        if not self.actors[action] & acting_as:
            raise ForbiddenError(action=action.value)
        return self.next_state(state, action)

    def actions(self, state: S, acting_as: frozenset[W]) -> list[A]:
        """Return what these actors could do now, in table order."""
        return [a for (s, a) in self.transitions if s is state and self.actors[a] & acting_as]

    def is_final(self, state: S) -> bool:
        """Tell whether nothing leads out of the state."""
        return all(s is not state for s, _ in self.transitions)

    def mermaid(self) -> str:
        """Draw the table as a mermaid state diagram for the service README."""
        lines = [f"    {s.value} --> {t.value}: {a.value}" for (s, a), t in self.transitions.items()]
        return "\n".join(["stateDiagram-v2", *lines])
