"""What the conversion and the last run left: the verdict, results that are those of now, inputs that are kept."""

from __future__ import annotations

from nb2prod.readiness.ground import Ground, Seen, of_pipeline
from nb2prod.readiness.known import Pipeline

_PROVED = {"same": True, "same when seeded": True, "different": False}


def _verdict(pipeline: Pipeline) -> Seen:
    found = pipeline.conversion
    said = f"verdict {found.state}{f': {found.reason}' if found.reason else ''}"
    if found.stale:
        return Seen(None, f"{said}; stale: {found.stale}", found.record.path, found.record.at)
    compared = f" ({found.compared})" if found.compared else ""
    return Seen(_PROVED.get(found.state), said + compared, found.record.path, found.record.at)


def _results(pipeline: Pipeline) -> Seen:
    if pipeline.lock is None:
        return Seen(None, "there is no dvc.lock: nothing says what the results were computed from")
    behind = pipeline.conversion.stale or pipeline.conversion.behind
    if behind:
        return Seen(None, f"results are stale: {behind}", pipeline.lock.path, pipeline.lock.at)
    said = "results are those of today's code, parameters and data"
    return Seen(True, said, pipeline.lock.path, pipeline.lock.at)


def _inputs(pipeline: Pipeline) -> Seen:
    if pipeline.inputs is None or pipeline.lock is None:
        return Seen(None, "there is no dvc.lock: no input has a hash")
    where = (pipeline.lock.path, pipeline.lock.at)
    for one in pipeline.inputs:
        if one.changed:
            return Seen(None, f"stale: {one.path} changed after the last run", *where)
        if one.kept_by is None:
            return Seen(False, f"{one.path} is kept by neither git nor DVC", *where)
    named = ", ".join(f"{one.path} by {one.kept_by}" for one in pipeline.inputs[:3])
    more = f" and {len(pipeline.inputs) - 3} more" if len(pipeline.inputs) > 3 else ""
    return Seen(True, f"inputs are hashed and kept: {named}{more}" if named else "it reads no files", *where)


GROUNDS = (
    Ground(
        "conversion.verdict",
        "notebook and pipeline were run and compared, and are the same",
        "`nb2prod convert {notebook} --out {folder}`, which runs both and compares them",
        of_pipeline(_verdict),
    ),
    Ground(
        "conversion.results",
        "`dvc.lock` says that the results are those of the code, the parameters and the data on disk",
        "`nb2prod run {folder}`",
        of_pipeline(_results),
    ),
    Ground(
        "conversion.inputs",
        "every input has its hash in `dvc.lock`, is unchanged since, and is kept by git or DVC",
        "keep each input (`dvc add FILE` or `git add FILE`), and `nb2prod run {folder}` where one changed",
        of_pipeline(_inputs),
    ),
)
