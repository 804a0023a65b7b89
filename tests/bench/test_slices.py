"""What a request costs is counted in the slices in which the machine had its cores."""

import os

import pytest

from bench.slices import Meter, Slice, calm, cpu_us

QUIET, ROBBED = Slice(100, 0.04, 0), Slice(100, 0.09, 7)


def test_a_slice_from_which_something_was_stolen_does_not_count():
    assert cpu_us([QUIET, ROBBED, QUIET, QUIET]) == pytest.approx(400)


def test_slices_count_by_their_answers():
    assert cpu_us([Slice(100, 0.04, 0), Slice(300, 0.06, 0)]) == pytest.approx(250)


@pytest.mark.parametrize(
    ("stolen", "counted"),
    [
        ([0, 0, 0, 0], [0, 0, 0, 0]),
        ([3, 0, 9, 0], [0, 0]),
        ([3, 2, 9, 4], [2]),
        ([3, 2, 9, 4, 1], [1, 2]),
        ([0, 2, 9, 4, 1], [0, 1]),
        ([5], [5]),
    ],
)
def test_where_few_were_calm_the_calmest_quarter_counts(stolen: list[int], counted: list[int]):
    assert [one.stolen for one in calm([Slice(1, 0.001, ticks) for ticks in stolen])] == counted


def test_a_meter_sees_its_process_work_and_leaves_out_what_was_idle():
    meter = Meter([os.getpid()])
    for answers in (0, 0, 5, 12):
        meter.read(answers)
        sum(range(200_000))

    slices = list(meter.slices())

    assert [one.answers for one in slices] == [5, 7]
    assert all(one.cpu_seconds > 0 for one in slices)
