"""`make bench`: measure every promise and write the table to bench/REPORT.md."""

from functools import partial
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress

from bench.measure import TURNS, Row, measure
from bench.pages import PAGES
from bench.report import BIG_REPORT, REPORT, write
from bench.rest import REST
from bench.rosters import ROSTERS
from bench.scenarios import SCENARIOS
from bench.stage import set_stage
from bench.trials import TRIALS, Finding


def main(
    seconds: Annotated[float, typer.Option(help="How long each measurement lasts.")] = 8,
    only: Annotated[str, typer.Option(help="Only scenarios whose name contains this.")] = "",
    *,
    big: Annotated[bool, typer.Option("--big", help="Instead, what takes many minutes and gigabytes.")] = False,
    save: Annotated[bool, typer.Option(help="Write bench/REPORT.md, or REPORT-BIG.md for what is big.")] = True,
) -> None:
    """Measure the promises of the performance budget as ratios within one run."""
    chosen = [scenario for scenario in SCENARIOS if only in scenario.name and not big]
    tried = [trial for trial in (*TRIALS, ROSTERS, PAGES, REST) if only in trial.name and trial.is_big is big]
    rows: list[Row] = []
    findings: list[Finding] = []
    services = sorted({scenario.service for scenario in chosen} | {"points"})
    with set_stage(("identity", *services)) as stage, Progress() as progress:
        task = progress.add_task("测量 measuring", total=len(chosen) * TURNS + len(tried))
        for scenario in chosen:
            rows += measure(stage, scenario, seconds, partial(progress.advance, task))
        for trial in tried:
            findings += trial.run(stage, seconds)
            progress.advance(task)
    table = write(rows, findings, seconds, to=(BIG_REPORT if big else REPORT) if save else None)
    Console().print(table)


if __name__ == "__main__":
    typer.run(main)
