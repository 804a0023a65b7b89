"""Who comes, who goes and who heads the household, decided on the members as they stand."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from uuid import UUID

from services.identity.moves.errors import HouseholderLeavesError, MembersIncompleteError, NotAMemberError
from services.identity.residents.domain import Member, Relation

Members = Mapping[UUID, Member]


def head_of(members: Members) -> UUID | None:
    """Return the householder."""
    return next((key for key, member in members.items() if member.facts.relation is Relation.HOUSEHOLDER), None)


def require_member(members: Members, resident_id: UUID) -> Member:
    """Return a member.

    Errors: NotAMemberError.
    """
    if resident_id not in members:
        raise NotAMemberError
    return members[resident_id]


def decide_departure(members: Members, resident_id: UUID) -> None:
    """Pass when somebody may leave alone: anybody but a householder who leaves others behind.

    Errors: NotAMemberError, HouseholderLeavesError.
    """
    member = require_member(members, resident_id)
    if member.facts.relation is Relation.HOUSEHOLDER and len(members) > 1:
        raise HouseholderLeavesError


def decide_householder(members: Members, resident_id: UUID, former: Relation) -> dict[UUID, Member]:
    """Return the members that change when somebody becomes the householder; `former` is what the one before is to the new one.

    A householder may act for the household; who hands it over keeps that right.

    Errors: NotAMemberError.
    """
    member = require_member(members, resident_id)
    before = head_of(members)
    if before == resident_id:
        return {}
    changed = {resident_id: _with(member, relation=Relation.HOUSEHOLDER, can_act=True)}
    if before is not None:
        changed[before] = _with(members[before], relation=former)
    return changed


def decide_split(
    members: Members, leaving: Collection[UUID], householder_id: UUID, new_code: str
) -> dict[UUID, Member]:
    """Return the members who found a household of their own, as they stand there.

    Errors: NotAMemberError; HouseholderLeavesError when the householder goes and others stay; MembersIncompleteError when nobody
    stays or the new householder is not among those who go.
    """
    for resident_id in leaving:
        require_member(members, resident_id)
    if householder_id not in leaving or len(set(leaving)) == len(members):
        raise MembersIncompleteError
    if head_of(members) in leaving:
        raise HouseholderLeavesError
    return {
        key: _with(
            members[key],
            household_code=new_code,
            relation=Relation.HOUSEHOLDER if key == householder_id else Relation.OTHER,
            can_act=key == householder_id or members[key].facts.can_act,
        )
        for key in leaving
    }


def decide_merge(members: Members, into_code: str) -> dict[UUID, Member]:
    """Return the members of a household as they stand in the one they join; the householder there remains."""
    return {
        key: _with(
            member,
            household_code=into_code,
            relation=Relation.OTHER if member.facts.relation is Relation.HOUSEHOLDER else member.facts.relation,
        )
        for key, member in members.items()
    }


def _with(member: Member, **changes: object) -> Member:
    return replace(member, facts=replace(member.facts, **changes))  # type: ignore[arg-type]  # the callers above name fields of MemberFacts.
