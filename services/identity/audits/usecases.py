"""Writing down privileged acts, reading them, and proving that nobody touched them."""

from collections.abc import Mapping, Sequence

from services.identity.audits import repository
from services.identity.audits.domain import FIRST_HASH, Act, AuditLine, ChainCheck, SealedLine, check_chain, seal
from shared.kernel.principal import Principal, Role
from shared.pagination import PageRequest, Slice
from shared.uow import UnitOfWork

READERS = (Role.SUPERVISOR, Role.BRANCH_SECRETARY, Role.TOWNSHIP_OFFICER, Role.DISTRICT_OFFICER)
"""Who may read the audit: those who oversee. The administrator whose acts it mostly holds is not one of them."""
_STRIDE = 1_000


async def record_act(
    *,
    uow: UnitOfWork,
    principal: Principal,
    act: str,
    subject_kind: str,
    subject_id: object,
    reason: str = "",
    facts: Mapping[str, str] | None = None,
) -> SealedLine:
    """Add a line to the community's chain, in the transaction of the act itself: no act without its line, no line without its act.

    Locks/IO: one writer per community until the transaction ends, so call it last.
    """
    (sealed,) = await record_acts(
        uow=uow, principal=principal, acts=[Act(act, subject_kind, str(subject_id), reason, facts or {})]
    )
    return sealed


async def record_acts(*, uow: UnitOfWork, principal: Principal, acts: Sequence[Act]) -> list[SealedLine]:
    """Add lines to the community's chain in the order given.

    Locks/IO: one writer per community until the transaction ends, so call it last; three statements, whatever the number.
    """
    number, last = await repository.lock_chain(uow.session, uow.community_id)
    lines: list[SealedLine] = []
    for offset, act in enumerate(acts, start=1):
        line = AuditLine(
            community_id=uow.community_id,
            number=number + offset,
            at=uow.now,
            actor_id=principal.account_id,
            actor_name=principal.name,
            act=act.act,
            subject_kind=act.subject_kind,
            subject_id=act.subject_id,
            reason=act.reason,
            facts=dict(act.facts),
        )
        lines.append(seal(line, lines[-1].hash if lines else last))
    await repository.add_lines(uow.session, lines)
    return lines


async def list_audit_lines(
    *, uow: UnitOfWork, principal: Principal, act: str | None, subject_id: str | None, page: PageRequest
) -> Slice[SealedLine]:
    """List privileged acts, newest first.

    Errors: ForbiddenError.
    """
    principal.require(*READERS)
    return await repository.list_lines(uow.session, act=act, subject_id=subject_id, page=page)


async def check_audit_chain(*, uow: UnitOfWork, principal: Principal) -> ChainCheck:
    """Recompute the community's whole chain.

    Errors: ForbiddenError.
    """
    principal.require(*READERS)
    check = ChainCheck(0, FIRST_HASH)
    while check.broken_at is None:
        lines = await repository.read_chain(uow.session, after=check.checked, limit=_STRIDE)
        if not lines:
            break
        check = check_chain(lines, check)
    return check
