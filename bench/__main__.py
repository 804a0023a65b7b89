"""`make bench`: measure every promise and write the table to bench/REPORT.md."""

from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress

from bench.measure import Row, measure
from bench.report import write
from bench.scenarios import SCENARIOS
from bench.stage import set_stage


def main(
    seconds: Annotated[float, typer.Option(help="How long each measurement lasts.")] = 8,
    only: Annotated[str, typer.Option(help="Only scenarios whose name contains this.")] = "",
    *,
    save: Annotated[bool, typer.Option(help="Write bench/REPORT.md.")] = True,
) -> None:
    """Measure the promises of the performance budget as ratios within one run."""
    chosen = [scenario for scenario in SCENARIOS if only in scenario.name]
    rows: list[Row] = []
    with set_stage(("identity", *sorted({s.service for s in SCENARIOS}))) as stage, Progress() as progress:
        task = progress.add_task("测量 measuring", total=len(chosen) * 4)
        for scenario in chosen:
            for row in measure(stage, scenario, seconds):
                rows.append(row)
                progress.advance(task)
    table = write(rows, seconds, save=save)
    Console().print(table)


if __name__ == "__main__":
    typer.run(main)
