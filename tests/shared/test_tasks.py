"""Tasks end even when a cancellation is lost on the way."""

import asyncio

from shared.tasks import end_tasks


async def hard_of_hearing(times, heard):
    while True:
        try:
            await asyncio.sleep(3600)
        except asyncio.CancelledError:
            heard.append(1)
            if len(heard) > times:
                raise


async def test_a_task_that_lost_the_first_cancellation_hears_the_second():
    heard = []
    deaf, keen = asyncio.create_task(hard_of_hearing(2, heard)), asyncio.create_task(asyncio.sleep(3600))
    await asyncio.sleep(0)
    await end_tasks([deaf, keen], again_seconds=0.01)
    assert deaf.cancelled()
    assert keen.cancelled()
    assert len(heard) == 3


async def test_what_a_task_raised_stays_with_it():
    async def fail():
        raise ValueError

    task = asyncio.create_task(fail())
    await asyncio.sleep(0)
    await end_tasks([task])
    assert isinstance(task.exception(), ValueError)
