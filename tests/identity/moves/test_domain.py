from uuid import UUID

import pytest

from services.identity.moves.domain import (
    decide_departure,
    decide_householder,
    decide_merge,
    decide_split,
    head_of,
)
from services.identity.moves.errors import HouseholderLeavesError, MembersIncompleteError, NotAMemberError
from services.identity.residents.domain import Member, MemberFacts, Relation

HEAD, WIFE, SON, NOBODY = (UUID(int=n) for n in range(1, 5))


def family() -> dict[UUID, Member]:
    return {
        HEAD: Member(MemberFacts("H1", "张三", Relation.HOUSEHOLDER, can_act=True)),
        WIFE: Member(MemberFacts("H1", "李四", Relation.SPOUSE)),
        SON: Member(MemberFacts("H1", "张五", Relation.CHILD)),
    }


@pytest.mark.parametrize(
    ("who", "refusal"), [(WIFE, None), (SON, None), (HEAD, HouseholderLeavesError), (NOBODY, NotAMemberError)]
)
def test_who_may_leave(who, refusal):
    if refusal is None:
        assert decide_departure(family(), who) is None
    else:
        with pytest.raises(refusal):
            decide_departure(family(), who)


def test_the_last_one_may_leave_as_householder():
    assert decide_departure({HEAD: family()[HEAD]}, HEAD) is None


def test_a_new_householder_changes_two_people():
    changed = decide_householder(family(), WIFE, Relation.SPOUSE)
    assert {key: (m.facts.relation, m.facts.can_act) for key, m in changed.items()} == {
        WIFE: (Relation.HOUSEHOLDER, True),
        HEAD: (Relation.SPOUSE, True),
    }


def test_the_present_householder_changes_nothing():
    assert decide_householder(family(), HEAD, Relation.OTHER) == {}


def test_a_stranger_does_not_become_householder():
    with pytest.raises(NotAMemberError):
        decide_householder(family(), NOBODY, Relation.OTHER)


def test_a_split_makes_a_household_with_one_head():
    moved = decide_split(family(), [WIFE, SON], WIFE, "H2")
    assert head_of(moved) == WIFE
    assert {m.facts.household_code for m in moved.values()} == {"H2"}
    assert moved[SON].facts.relation is Relation.OTHER


@pytest.mark.parametrize(
    ("leaving", "head", "refusal"),
    [
        ([HEAD, SON], SON, HouseholderLeavesError),
        ([WIFE], SON, MembersIncompleteError),
        ([HEAD, WIFE, SON], WIFE, MembersIncompleteError),
        ([], WIFE, MembersIncompleteError),
        ([WIFE, NOBODY], WIFE, NotAMemberError),
    ],
)
def test_a_split_that_leaves_somebody_without_a_head_is_refused(leaving, head, refusal):
    with pytest.raises(refusal):
        decide_split(family(), leaving, head, "H2")


def test_a_merge_leaves_one_householder():
    moved = decide_merge(family(), "H2")
    assert head_of(moved) is None
    assert {m.facts.household_code for m in moved.values()} == {"H2"}
    assert moved[WIFE].facts.relation is Relation.SPOUSE
