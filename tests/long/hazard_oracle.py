"""An oracle of its own for the hazard suite: plain notebook and pipeline, run as users run them, must print the same.

    python tests/long/hazard_oracle.py [--dvc] [WORD…]

For each hazard (all, or those whose class or title holds a WORD) the notebook is run as it stands. It is converted
elsewhere, and what git would hold of that is copied to a third place, where papermill runs stage by stage in the order
of `dvc.yaml` (`--dvc`: `dvc repro` does). The printed and displayed text of the user's cells must be the notebook's.
Where the hazard has other values for its parameters, they are put in `params.yaml`, the stages that DVC would run
again are run again, and the comparison is repeated. nb2prod's own comparison takes no part in this. `stopped`: under
the other values a stage refused to go on, with name and remedy, and was right once the notebook was converted again.

The last line counts; the exit code is 1 where anything was wrong or failed by a fault of ours.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import io
import json
import logging
import multiprocessing
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from string import Template
from typing import Any, NamedTuple

import places  # noqa: F401 - makes the modules of `tests/` importable
from hazards.hazard import Hazard, write_project
from hazards.hazards import HAZARDS
from papermill.exceptions import PapermillExecutionError

_PARTS = ("deps", "params", "outs")
_TEMPORARY = Path(tempfile.gettempdir())
WRONG, CRASH, BREAKS, STOPPED = "GREEN BUT WRONG", "CRASH", "BREAKS", "stopped"
_MASKS = (
    (re.compile(r"0x[0-9a-fA-F]+|(?<=object at )[0-9a-f]{8,16}"), "0x…"),
    (re.compile(r"ipykernel_\d+[/\\]\d+\.py"), "<cell>"),
    (re.compile(r"(?m)^(CPU times|Wall time).*$|.*per loop.*"), "<time>"),
)


class Finding(NamedTuple):
    """What became of one hazard. `answer`: same, merged, refused, …; `detail`: what differs."""

    hazard: Hazard
    answer: str
    stages: int
    seconds: float
    detail: str = ""


def main() -> int:
    """Run all hazards asked for, two at a time; print a line each."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("words", nargs="*")
    parser.add_argument("--dvc", action="store_true", help="run the pipeline with `dvc repro`")
    parser.add_argument("--jobs", type=int, default=2)
    given = parser.parse_args()
    wanted = [
        one for one in HAZARDS if not given.words or any(word in f"{one.class_}: {one.title}" for word in given.words)
    ]
    counts: Counter[str] = Counter()
    with ProcessPoolExecutor(given.jobs, mp_context=multiprocessing.get_context("spawn")) as pool:
        for found in pool.map(examine, wanted, [given.dvc] * len(wanted)):
            counts[found.answer] += 1
            print(_line(found), flush=True)
    print(", ".join(f"{count} {answer}" for answer, count in counts.most_common()))
    return int(bool(counts[WRONG] + counts[CRASH] + counts[BREAKS]))


def _line(found: Finding) -> str:
    one = found.hazard
    expected = "" if _as_expected(found) else f"  [expected {one.verdict} in {one.stages}]"
    detail = "".join(f"\n      {line}" for line in found.detail.splitlines())
    shape = f"{found.stages}/{one.tagged}"
    return f"{found.answer:<16} {shape} {found.seconds:5.1f}s  {one.class_}: {one.title}{expected}{detail}"


def _as_expected(found: Finding) -> bool:
    answer = "same" if found.answer == "merged" else found.answer
    return answer == found.hazard.verdict and found.stages >= found.hazard.stages


def examine(hazard: Hazard, with_dvc: bool = False) -> Finding:
    """Everything about one hazard, in folders that go away."""
    start = time.monotonic()
    os.environ |= {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1", "DVC_NO_ANALYTICS": "1"}
    logging.getLogger("papermill").setLevel(logging.CRITICAL)
    _temporary_files_in(_TEMPORARY)
    with tempfile.TemporaryDirectory(prefix="oracle-", ignore_cleanup_errors=True) as folder:
        try:
            answer, stages, detail = _examine(hazard, Path(folder), with_dvc)
        except Exception:  # whatever escapes is a fault of ours, and the others must still be looked at
            answer, stages, detail = CRASH, 0, traceback.format_exc(limit=-4)
    return Finding(hazard, answer, stages, time.monotonic() - start, detail)


def _examine(hazard: Hazard, folder: Path, with_dvc: bool) -> tuple[str, int, str]:
    from nb2prod.errors import Nb2prodError
    from nb2prod.operations.convert import convert

    project = _place(folder, "converted", hazard)
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        try:
            done = convert(project / "hazard.ipynb", project / "pipeline", init=with_dvc)
        except Nb2prodError as refusal:
            return "refused", 0, f"{type(refusal).__name__}: {refusal}"
    assert done.pipeline is not None
    count, state = len(done.pipeline.stages), done.verdict.state
    merges = "\n".join(f"{'+'.join(merge.stages)}: {merge.reason}" for merge in done.merges)
    if state != "same":
        return state, count, "\n".join(filter(None, [done.verdict.reason, merges]))
    clone = _cloned(project, folder, hazard)
    if with_dvc:
        _tool(clone, "git", "init", "-q")
        _tool(clone, "dvc", "init", "-q")
    answer, wrong = _compare(hazard, folder, clone, {}, with_dvc)
    if answer == "same" and hazard.change:
        answer, wrong = _compare(hazard, folder, clone, dict(hazard.change), with_dvc)
        if answer == STOPPED:
            done = convert(clone / "hazard.ipynb", clone / "pipeline")
            again, more = _compare(hazard, folder, clone, dict(hazard.change), with_dvc)
            answer, wrong = (answer if again == "same" else again), f"{wrong}\n{more}"
    answer = "merged" if answer == "same" and count < hazard.tagged else answer
    return answer, count, "\n".join(filter(None, [wrong, merges]))


def _place(folder: Path, name: str, hazard: Hazard) -> Path:
    """A project of its own, whose temporary files are its own too."""
    for part in ("project", "tmp"):
        (folder / name / part).mkdir(parents=True)
    _temporary_files_in(folder / name / "tmp")
    write_project(folder / name / "project", hazard)
    return folder / name / "project"


def _temporary_files_in(folder: Path) -> None:
    """What one side leaves in the system's folder for such files must not help the other."""
    os.environ["TMPDIR"] = str(folder)
    tempfile.tempdir = None


def _cloned(project: Path, folder: Path, hazard: Hazard) -> Path:
    """What git would hold: the user's files and the generated ones, neither results nor empty folders."""
    clone = _place(folder, "clone", hazard)
    made = project / "pipeline"
    for path in sorted(made.rglob("*")):
        inside = path.relative_to(made)
        if path.is_file() and (inside.parts[0] not in ("artifacts", "runs") or path.name.startswith(".git")):
            (clone / "pipeline" / inside).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(path, clone / "pipeline" / inside)
    return clone


def _compare(hazard: Hazard, folder: Path, clone: Path, values: dict[str, object], with_dvc: bool) -> tuple[str, str]:
    """Run both sides with these values; return the answer and what differs."""
    case = f"with {values}: " if values else ""
    plain = Path(tempfile.mkdtemp(dir=folder)) / "plain"
    plain = _place(plain.parent, "plain", hazard)
    write_project(plain, hazard._replace(cells=_with_values(hazard.cells, values)))
    expected = _texts(_papermill(plain / "hazard.ipynb", folder / "plain.ipynb", plain, {}))
    _temporary_files_in(folder / "clone" / "tmp")
    if values:
        _set_parameters(clone / "pipeline" / "params.yaml", values)
    if with_dvc:
        _tool(clone / "pipeline", "dvc", "repro")
        runs = [clone / "pipeline" / "runs" / f"{name}.ipynb" for name in _stages(clone)]
        found = [json.loads(path.read_text("utf-8")) for path in runs]
    else:
        try:
            found = _reproduce(clone / "pipeline")
        except PapermillExecutionError as failed:
            return (STOPPED if failed.ename == "StageError" else BREAKS), f"{case}{failed.ename}: {failed.evalue}"
    got = {key: text for document in found for key, text in _texts(document).items()}
    for key, text in expected.items():
        if key in got and got[key] != text:
            return WRONG, f"{case}{key}: notebook {text!r}, pipeline {got[key]!r}"
        if key not in got and text:
            return WRONG, f"{case}{key}: notebook {text!r}, pipeline has no such cell"
    return "same", ""


def _with_values(cells: str, values: dict[str, object]) -> str:
    """The notebook as somebody would edit it, so that lines below that are derived from a parameter follow it."""
    for name, value in values.items():
        cells = re.sub(rf"(?m)^{name}=.*$", lambda _, line=f"{name}={value!r}": line, cells, count=1)
    return cells


def _stages(project: Path) -> dict[str, Any]:
    from ruamel.yaml import YAML

    loaded: dict[str, Any] = YAML(typ="safe").load((project / "pipeline" / "dvc.yaml").read_text("utf-8"))["stages"]
    return loaded


def _reproduce(pipeline: Path) -> list[Any]:
    """What `dvc repro` does: each stage in order, where what it depends on has changed since it ran."""
    from ruamel.yaml import YAML

    values = YAML(typ="safe").load((pipeline / "params.yaml").read_text("utf-8")) or {}
    lock = pipeline / "oracle-lock.json"
    known = json.loads(lock.read_text("utf-8")) if lock.exists() else {}
    found = []
    for name, entry in _stages(pipeline.parent).items():
        stage = {key: [Template(one).safe_substitute(values) for one in entry.get(key, ())] for key in _PARTS}
        state = [[path, _content(pipeline / path)] for path in stage["deps"]]
        state += [[one, json.dumps(values[one])] for one in stage["params"]]
        run = pipeline / "runs" / f"{name}.ipynb"
        if known.get(name) != state:
            found.append(_papermill(pipeline / "stages" / f"{name}.ipynb", run, pipeline.parent, values))
            known[name] = state
            missing = [path for path in stage["outs"] if not (pipeline / path).exists()]
            if missing:
                raise FileNotFoundError(f"stage {name} left {missing} unwritten")
        else:
            found.append(json.loads(run.read_text("utf-8")))
    lock.write_text(json.dumps(known), "utf-8")
    return found


def _content(path: Path) -> str:
    if path.is_dir():
        return str([(str(one.relative_to(path)), _content(one)) for one in sorted(path.rglob("*")) if one.is_file()])
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _papermill(source: Path, target: Path, folder: Path, values: dict[str, object]) -> Any:
    import papermill

    for attempt in (1, 2, 3):
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()), _limited(90):
            try:
                papermill.execute_notebook(
                    str(source), str(target), parameters=values, cwd=str(folder), progress_bar=False
                )
                break
            except (RuntimeError, TimeoutError):
                # Two kernels that start at the same moment can be given the same port; papermill may wait for ever.
                if attempt == 3:
                    raise
    return json.loads(target.read_text("utf-8"))


@contextlib.contextmanager
def _limited(seconds: int) -> Iterator[None]:
    def stop(*_: object) -> None:
        raise TimeoutError

    signal.signal(signal.SIGALRM, stop)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)


def _set_parameters(path: Path, values: dict[str, object]) -> None:
    from ruamel.yaml import YAML

    yaml = YAML()
    document = yaml.load(path.read_text("utf-8"))
    document.update(values)
    with path.open("w", encoding="utf-8") as file:
        yaml.dump(document, file)


def _texts(document: Any) -> dict[str, str]:
    """What each of the user's cells printed and displayed, by cell id."""
    cells = [one for one in document["cells"] if re.fullmatch(r"cell-\d+", one.get("id", ""))]
    kept = [one for one in cells if "skip" not in one["metadata"].get("tags", ())]
    return {one["id"]: "".join(map(_text, one["outputs"])) for one in kept if one["cell_type"] == "code"}


def _text(output: dict[str, Any]) -> str:
    if output["output_type"] == "stream":
        text = "".join(output["text"]) if output["name"] == "stdout" else ""
    elif output["output_type"] == "error":
        text = f"{output['ename']}: {output['evalue']}\n"
    else:
        text = "".join(output["data"].get("text/plain", "")) + "\n"
    for pattern, mask in _MASKS:
        text = pattern.sub(mask, text)
    return text


def _tool(folder: Path, name: str, *words: str) -> None:
    program = Path(sys.executable).parent / name
    command = [str(program) if program.exists() else name, *words]
    environment = os.environ | {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
    subprocess.run(command, cwd=folder, check=True, capture_output=True, env=environment)


if __name__ == "__main__":
    sys.exit(main())
