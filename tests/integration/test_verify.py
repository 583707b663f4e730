"""The proof sees what is wrong: with a broken part anywhere in the machinery the verdict is never `same`."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from integration.projects import contents, edit, nb2prod, set_parameters, write
from integration.projects import sales as sales_project
from nb2prod.adapters import kernels
from nb2prod.errors import Different, Stale
from nb2prod.operations import convert as converting
from nb2prod.operations import prove, proving, surroundings
from nb2prod.operations.convert import convert
from nb2prod.operations.verify import verify
from nb2prod.pipeline import stage_cells

pytestmark = pytest.mark.slow


def test_verify_says_same(sales):
    before = contents(sales)
    assert "verdict: same" in nb2prod(sales, "verify", "pipeline").stdout
    assert contents(sales) == before


def test_verify_at_other_parameters(sales):
    set_parameters(sales / "pipeline", {"scale": 0.25, "seed": 9, "n": 30})
    done = verify(sales / "pipeline")
    assert done.verdict.state == "same"
    assert done.parameters == {"n": 30, "scale": 0.25, "title": "Sales", "seed": 9}


@pytest.mark.parametrize("edited", ["stages/train.ipynb", "sales/_stage.py"])
def test_verify_refuses_what_was_tampered_with(sales, edited):
    file = sales / "pipeline" / edited
    file.write_text(file.read_text("utf-8").replace("scale", "2.5").replace("0", "1"), "utf-8")
    refused = nb2prod(sales, "verify", "pipeline", code=1)
    assert f"{edited} was edited" in refused.stderr


def test_verify_is_not_deceived_by_a_tampered_record(sales):
    """The hash in `conversion.json` was changed with the file."""
    from nb2prod.adapters.files import digest

    file, record = sales / "pipeline" / "stages" / "train.ipynb", sales / "pipeline" / "conversion.json"
    old = digest(file)
    file.write_text(file.read_text("utf-8").replace("*= scale", "*= 3.5"), "utf-8")
    record.write_text(record.read_text("utf-8").replace(old, digest(file)), "utf-8")
    shutil.rmtree(sales / ".dvc")
    (sales / "pipeline" / "dvc.lock").unlink()
    with pytest.raises(Stale, match="train"):
        verify(sales / "pipeline")


def test_verify_refuses_a_notebook_that_went_on(sales):
    edit(sales / "sales.ipynb", "cell-4", "scale", "-scale")
    assert "stale" in nb2prod(sales, "verify", "pipeline", code=1).stderr


# ── Planted faults ───────────────────────────────────────────────────────────────────────────────────────


def _stage_file(monkeypatch, tmp_path: Path, *changes: tuple[str, str]) -> None:
    """Stages and proof run with a changed `_stage.py`; the observer keeps the true one."""
    text = kernels.stage_file().read_text("utf-8")
    for old, new in changes:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    file = tmp_path / "_stage.py"
    file.write_text(text, "utf-8")
    for module in (proving, surroundings):
        monkeypatch.setattr(module, "stage_file", lambda: file)


def _without(kind: str, part: str):
    """The cells of a stage without the lines that hold `part`, in cells of that kind."""

    def change(cells):
        for cell in cells:
            lines = [line for line in cell.source.splitlines() if part not in line]
            yield replace(cell, source="\n".join(lines)) if cell.kind == kind else cell

    return change


def _cells(monkeypatch, change) -> None:
    true = stage_cells.stage_cells
    from nb2prod.pipeline import build

    def faulty(*arguments):
        cells, names = true(*arguments)
        return tuple(change(cells)), names

    monkeypatch.setattr(build, "stage_cells", faulty)


def _forget_random_state(monkeypatch, tmp_path):
    _cells(monkeypatch, _without("inputs", "restore_random_state"))


def _random_state_one_step_on(monkeypatch, tmp_path):
    _stage_file(
        monkeypatch,
        tmp_path,
        (
            "        random.setstate((version, tuple(state), gauss))\n",
            "        random.setstate((version, tuple(state), gauss))\n        random.random()\n",
        ),
    )


def _drop_a_mutation(monkeypatch, tmp_path):
    """`train` changes what it read, but the report gets it as `clean` left it."""
    _cells(monkeypatch, lambda cells: (
        replace(cell, source=cell.source.replace("/artifacts/train/best", "/artifacts/clean/best").replace("/artifacts/train/kept", "/artifacts/clean/kept"))
        if cell.kind == "inputs" else cell for cell in cells
    ))  # fmt: skip


def _break_an_alias(monkeypatch, tmp_path):
    _stage_file(
        monkeypatch,
        tmp_path,
        (
            "def read_pickle(path: str | Path) -> Any:\n",
            "def read_pickle(path: str | Path) -> Any:\n    found = _read('pickle', path)\n    if type(found) is tuple:\n        import copy\n        return tuple(copy.deepcopy(one) for one in found)\n    return found\n\n\ndef _unused(path: str | Path) -> Any:\n",
        ),
    )


def _write_a_wrong_value(monkeypatch, tmp_path):
    _stage_file(
        monkeypatch,
        tmp_path,
        (
            "def read_json(path: str | Path) -> Any:\n",
            "def read_json(path: str | Path) -> Any:\n    found = _read('json', path)\n    if type(found) is dict and 'mean' in found:\n        found['mean'] *= 1 + 1e-15\n    return found\n\n\ndef _unused(path: str | Path) -> Any:\n",
        ),
    )


def _change_printed_text(monkeypatch, tmp_path):
    _cells(
        monkeypatch, lambda cells: (replace(cell, source=cell.source.replace("'kept')", "'Kept')")) for cell in cells)
    )


def _change_printed_blanks(monkeypatch, tmp_path):
    _cells(
        monkeypatch,
        lambda cells: (replace(cell, source=cell.source.replace("'kept')", "'kept   ')")) for cell in cells),
    )


def _change_a_displayed_result(monkeypatch, tmp_path):
    _cells(monkeypatch, lambda cells: (
        replace(cell, source=cell.source[: -len("model")] + "dict(sorted(model.items(), reverse=True))")
        if cell.source.endswith("\nmodel") else cell for cell in cells
    ))  # fmt: skip


def _write_another_file(monkeypatch, tmp_path):
    _cells(monkeypatch, lambda cells: (
        replace(cell, source=cell.source.replace("write_text(text)", "write_text(text + ' ')")) for cell in cells
    ))  # fmt: skip


def _forget_a_parameter(monkeypatch, tmp_path):
    _cells(
        monkeypatch,
        lambda cells: (replace(cell, source=cell.source.replace("scale = 2.0", "scale = 1.0")) for cell in cells),
    )
    true = prove.parameterised
    monkeypatch.setattr(prove, "parameterised", lambda text, values: true(text, {}))


FAULTS = [
    _forget_random_state,
    _random_state_one_step_on,
    _drop_a_mutation,
    _break_an_alias,
    _write_a_wrong_value,
    _change_printed_text,
    _change_printed_blanks,
    _change_a_displayed_result,
    _write_another_file,
    _forget_a_parameter,
]
_IDS = [fault.__name__.strip("_").replace("_", " ") for fault in FAULTS]


@pytest.mark.parametrize("fault", FAULTS, ids=_IDS)
def test_a_planted_fault_is_seen(fault, tmp_path, monkeypatch):
    path = sales_project(tmp_path / "sales")
    fault(monkeypatch, tmp_path)
    monkeypatch.setattr(proving, "next_repair", lambda *_: None)
    with pytest.raises(Different):
        convert(path)
    assert not (path.parent / "pipeline").exists()


def test_a_fault_at_a_boundary_is_repaired_only_by_removing_the_boundary(tmp_path, monkeypatch):
    """Repairs allowed: what is handed over in the end is right, and no stage depends on the broken part."""
    path = sales_project(tmp_path / "sales")
    _forget_random_state(monkeypatch, tmp_path)
    try:
        done = convert(path)
    except Different:
        return
    assert done.verdict.state == "same", done.verdict.reason
    assert not any(one.is_random_state for stage in done.pipeline.stages for one in stage.inputs)
    assert done.merges


@pytest.mark.parametrize("fault", [FAULTS[0], FAULTS[3], FAULTS[4]], ids=[_IDS[0], _IDS[3], _IDS[4]])
def test_verify_sees_a_transport_that_broke_later(fault, sales, tmp_path, monkeypatch):
    fault(monkeypatch, tmp_path)
    try:
        verdict = verify(sales / "pipeline").verdict
    except Stale:
        return
    assert verdict.state != "same"


def test_what_varies_by_itself_is_not_called_same(tmp_path):
    from integration.projects import notebook

    path = write(
        tmp_path / "process.ipynb",
        notebook(("stage:load", "import os\nnow = os.getpid()"), ("stage:show", "print(now)")),
    )
    done = convert(path)
    assert done.verdict.state == "unverified"
    assert "now" in done.verdict.reason
    assert json.loads((tmp_path / "pipeline" / "conversion.json").read_text())["verdict"]["state"] == "unverified"


def test_an_unseeded_notebook_is_same_when_seeded(tmp_path):
    from integration.projects import notebook

    path = write(
        tmp_path / "draw.ipynb",
        notebook(("stage:load", "import random\nx = random.random()"), ("stage:show", "print(x, random.random())")),
    )
    assert converting.convert(path).verdict.state == "same when seeded"
