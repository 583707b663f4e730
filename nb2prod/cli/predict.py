"""`nb2prod predict`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from nb2prod.operations.predict import Predicted


@click.command(name="predict")
@click.argument("data", type=click.Path(path_type=Path))
@click.option("--model", metavar="NAME[@VERSION]", help="Which model.  [default: the environment's champion]")
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    help="Where to write, .parquet or .csv.  [default: DATA.predictions.parquet]",
)
@click.option(
    "--env", "environment", metavar="NAME", help="In which environment.  [default: production; dev for --unreleased]"
)
@click.option("--unreleased", is_flag=True, help="Use the pipeline as it stands, before there is a release.")
@click.option("--again", "once_more", is_flag=True, help="Predict although the output is this very batch's already.")
@click.option("--pipeline", "folder", type=click.Path(path_type=Path), default=Path(), help="The pipeline's folder.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", help="How to answer.")
def command(
    data: Path,
    model: str | None,
    out: Path | None,
    environment: str | None,
    unreleased: bool,
    once_more: bool,
    folder: Path,
    form: str,
) -> None:
    """Predict the rows of DATA (CSV or Parquet), and log every prediction with the version that made it."""
    from nb2prod.adapters.worker import DataRefused
    from nb2prod.operations.predict import predict

    try:
        done = predict(
            data,
            model=model,
            out=out,
            environment=environment,
            unreleased=unreleased,
            once_more=once_more,
            folder=folder,
        )
    except DataRefused as refused:
        _show_violations(refused.facts.get("violations", ()), sys.stderr.isatty())
        raise
    if form == "json":
        _print_json(done)
    else:
        _print_text(done)
    if done.batch.quarantined and not done.batch.rows:
        sys.exit(1)


def _print_text(done: Predicted) -> None:
    from nb2prod.cli.plain import complain, say

    batch = done.batch
    if done.again:
        say(f"nothing to do: {done.out} is batch {batch.name} of this file, {batch.rows} rows; --again predicts anew")
        return
    say(f"{batch.rows} rows predicted by {batch.pipeline} {batch.model} in {batch.environment}: {done.out}")
    if batch.rows:
        say(f"batch {batch.name}: ids {batch.name}.ROW; `nb2prod trace ID` tells what made one")
    if done.quarantine:
        complain(f"{batch.quarantined} rows were set aside: {done.quarantine}")
        _show_violations([one for one in done.violations if one["then"] == "quarantine"], False)
    if done.unchecked:
        complain(
            "nothing was checked: there is no schema.yaml, and the contract names no training data to infer it from"
        )
    if done.ignored:
        say(f"columns that the model does not take: {', '.join(done.ignored[:8])}")
    if done.expired:
        say(f"of the log, {len(done.expired)} days are over and were removed")


def _show_violations(violations: object, _: bool) -> None:
    from nb2prod.cli.plain import complain

    for one in violations if isinstance(violations, list | tuple) else ():
        if one.get("count") is None:
            continue
        examples = ", ".join(f"row {row}: {value}" for row, value in one["examples"])
        complain(f"  {one['column'] or 'file'}: {one['rule']} ({one['what']}): {one['count']} rows; {examples}")


def _print_json(done: Predicted) -> None:
    import json
    from dataclasses import asdict

    record = {
        "version": 1,
        "batch": asdict(done.batch),
        "out": str(done.out),
        "quarantine": str(done.quarantine) if done.quarantine else None,
        "again": done.again,
        "ignored": list(done.ignored),
        "unchecked": done.unchecked,
        "violations": [dict(one) for one in done.violations],
        "expired": list(done.expired),
    }
    print(json.dumps(record, indent=2, ensure_ascii=False))
