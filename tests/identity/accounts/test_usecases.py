"""Accounts in the database: one of each kind per person, and nothing left of a deleted one but its id."""

from uuid import UUID

import pytest
from sqlalchemy import text

from services.identity.accounts import usecases
from services.identity.accounts.domain import AccountStatus
from services.identity.accounts.errors import AccountNotFoundError, AccountSuspendedError
from services.identity.bindings.errors import ResidentBoundError
from shared.ids import new_id
from shared.kernel.principal import AccountKind
from shared.testing.clients import Apps, People
from shared.testing.factories import WorkIn


async def open_for(work_in: WorkIn, people: People, kind: AccountKind, resident_id: UUID | None) -> UUID:
    async with work_in("identity", people.community_id) as uow:
        account = await usecases.open_account(
            uow=uow, kind=kind, name="王**", resident_id=resident_id, household_id=new_id()
        )
    return account.id


async def test_a_person_has_one_account_of_each_kind(work_in: WorkIn, people: People) -> None:
    person = new_id()
    resident = await open_for(work_in, people, AccountKind.RESIDENT, person)
    staff = await open_for(work_in, people, AccountKind.STAFF, person)
    for kind in AccountKind.RESIDENT, AccountKind.STAFF:
        with pytest.raises(ResidentBoundError):
            await open_for(work_in, people, kind, person)
    async with work_in("identity", people.community_id) as uow:
        account = await usecases.get_account(uow=uow, account_id=staff)
        both = await usecases.list_accounts_of(uow=uow, account=account)
    assert {one.id for one in both} == {resident, staff}


async def test_staff_who_live_elsewhere_stand_alone(work_in: WorkIn, people: People) -> None:
    ids = [await open_for(work_in, people, AccountKind.STAFF, None) for _ in range(2)]
    async with work_in("identity", people.community_id) as uow:
        account = await usecases.get_account(uow=uow, account_id=ids[0])
        assert [one.id for one in await usecases.list_accounts_of(uow=uow, account=account)] == [ids[0]]


async def test_a_deleted_account_keeps_its_id_only(apps: Apps, work_in: WorkIn, people: People) -> None:
    person = new_id()
    account_id = await open_for(work_in, people, AccountKind.RESIDENT, person)
    async with work_in("identity", people.community_id) as uow:
        account = await usecases.get_account(uow=uow, account_id=account_id)
        await usecases.delete_account(uow=uow, account=account)
    async with work_in("identity", people.community_id) as uow:
        with pytest.raises(AccountNotFoundError):
            await usecases.get_account(uow=uow, account_id=account_id)
    async with apps.runtime("identity").database.worker.connect() as connection:
        query = text("SELECT name, status, resident_id, household_id FROM identity.account WHERE id = :id")
        row = (await connection.execute(query, {"id": account_id})).one()
    assert tuple(row) == ("已注销", "deleted", None, None)
    assert await open_for(work_in, people, AccountKind.RESIDENT, person) != account_id


async def test_only_an_active_account_may_sign_in(work_in: WorkIn, people: People) -> None:
    account_id = await open_for(work_in, people, AccountKind.STAFF, None)
    for status, is_open in ((AccountStatus.SUSPENDED, False), (AccountStatus.ACTIVE, True)):
        async with work_in("identity", people.community_id) as uow:
            await usecases.set_status(uow=uow, account_id=account_id, status=status)
        async with work_in("identity", people.community_id) as uow:
            account = await usecases.get_account(uow=uow, account_id=account_id)
        if is_open:
            account.require_active()
        else:
            with pytest.raises(AccountSuspendedError):
                account.require_active()


async def test_another_community_has_no_such_account(work_in: WorkIn, people: People, strangers: People) -> None:
    account_id = await open_for(work_in, people, AccountKind.STAFF, None)
    async with work_in("identity", strangers.community_id) as uow:
        with pytest.raises(AccountNotFoundError):
            await usecases.get_account(uow=uow, account_id=account_id)
