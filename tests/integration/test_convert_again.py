"""The loop: edit the notebook, convert again; edits by hand are never lost."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from integration.projects import contents, edit, git, is_clean, nb2prod, notebook, set_parameters, write
from integration.projects import sales as sales_project
from nb2prod.errors import Refused
from nb2prod.operations.convert import convert

pytestmark = pytest.mark.slow

#: Whatever was converted, these tell of the whole.
SUMMARY = {"pipeline/conversion.json", "pipeline/dvc.lock", "pipeline/README.md"}


def _changed(before: dict[str, bytes], after: dict[str, bytes]) -> set[str]:
    return {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)}


def _check(folder: Path, code: int) -> str:
    """`convert --check` where there is neither kernel nor data."""
    nowhere = {"JUPYTER_PATH": "", "PATH": "/usr/bin:/bin"}
    return nb2prod(folder, "convert", "sales.ipynb", "--check", code=code, env=nowhere).stderr


def test_after_an_edit_only_what_depends_on_it_changes(sales):
    edit(sales / "sales.ipynb", "cell-4", "best['price'] *= scale", "best['price'] += scale")
    before = contents(sales)
    done = convert(sales / "sales.ipynb", sales / "pipeline")
    assert done.verdict.state == "same"
    changed = _changed(before, contents(sales))
    assert "pipeline/stages/train.ipynb" in changed
    unexpected = {
        name for name in changed - SUMMARY if "/train" not in name and "/report" not in name and name != "report.txt"
    }
    assert unexpected == set()
    assert set(done.installation.written) <= changed
    assert is_clean(sales / "pipeline")
    assert "nothing to do" in nb2prod(sales, "run", "pipeline").stdout


def test_an_edit_of_prose_reruns_nothing(sales):
    edit(sales / "sales.ipynb", "cell-0", "Sales", "Sales of the year")
    before = contents(sales)
    assert convert(sales / "sales.ipynb", sales / "pipeline").verdict.state == "same"
    changed = _changed(before, contents(sales))
    assert all(name in SUMMARY or name.startswith("pipeline/stages/") for name in changed), changed
    assert is_clean(sales / "pipeline")


def test_unchanged_is_not_run_again(sales):
    before = contents(sales)
    again = nb2prod(sales, "convert", "sales.ipynb")
    assert "nothing changed since it was proved" in again.stdout
    assert contents(sales) == before


def test_a_removed_stage_leaves_nothing_behind(sales):
    path = sales / "sales.ipynb"
    document = json.loads(path.read_text())
    document["cells"] = [cell for cell in document["cells"] if cell["id"] not in ("cell-5",)]
    document["cells"][-1]["metadata"]["tags"] = ["stage:score", "metrics"]
    write(path, document)
    convert(path, sales / "pipeline")
    left = [name for name in contents(sales / "pipeline") if "report" in name and not name.startswith("runs/")]
    assert left == []
    assert is_clean(sales / "pipeline")


@pytest.mark.parametrize("edited", ["stages/train.ipynb", "README.md"])
def test_a_file_edited_by_hand_is_refused_with_the_difference(sales, edited):
    file = sales / "pipeline" / edited
    text = file.read_text("utf-8")
    file.write_text(text + "\n# mine\n", "utf-8")
    assert f"{edited} was edited" in _check(sales, 1)
    before = contents(sales)
    with pytest.raises(Refused, match=r"(?s)-# mine.*--overwrite"):
        convert(sales / "sales.ipynb", sales / "pipeline")
    assert contents(sales) == before


def test_overwrite_takes_ours(sales):
    file = sales / "pipeline" / "stages" / "train.ipynb"
    text = file.read_text("utf-8")
    file.write_text(text.replace("scale", "3"), "utf-8")
    done = convert(sales / "sales.ipynb", sales / "pipeline", overwrite=True)
    assert done.verdict.state == "same"
    assert file.read_text("utf-8") == text
    assert is_clean(sales / "pipeline")


def test_check_says_whether_the_pipeline_is_current(sales, tmp_path):
    fresh = tmp_path / "fresh"
    git(tmp_path, "clone", "-q", str(sales), str(fresh))
    (fresh / "data" / "prices.json").unlink()
    _check(fresh, 0)
    edit(fresh / "sales.ipynb", "cell-4", "scale", "2 * scale")
    assert "the code or the tags of sales.ipynb changed" in _check(fresh, 1)
    git(fresh, "checkout", "-q", "sales.ipynb")
    (fresh / "pipeline" / "stages" / "load.ipynb").unlink()
    assert "stages/load.ipynb is missing" in _check(fresh, 1)
    git(fresh, "checkout", "-q", "pipeline")
    lock = fresh / "pipeline" / "dvc.lock"
    lock.write_text(lock.read_text().replace("runs/train.ipynb", "runs/other.ipynb"))
    assert "another command for stage `train`" in _check(fresh, 1)


def test_check_before_any_conversion_is_a_usage_error(tmp_path):
    sales_project(tmp_path / "new")
    assert "no pipeline yet" in _check(tmp_path / "new", 2)


def test_comments_and_values_of_params_yaml_survive(sales):
    params = sales / "pipeline" / "params.yaml"
    text = params.read_text("utf-8").replace("scale: 2.0", "# doubled since May\nscale: 5.0  # was 2")
    params.write_text(text, "utf-8")
    edit(sales / "sales.ipynb", "cell-1", "seed = 5", "seed = 5\ncurrency = 'EUR'")
    edit(sales / "sales.ipynb", "cell-5", "{title}:", "{title} in {currency}:")
    done = convert(sales / "sales.ipynb", sales / "pipeline")
    assert done.verdict.state == "same"
    assert done.pipeline.values["scale"] == 5.0
    after = params.read_text("utf-8")
    assert "# doubled since May\nscale: 5.0  # was 2" in after
    assert "currency: EUR" in after
    assert is_clean(sales / "pipeline")


def test_values_set_in_params_yaml_do_not_change_the_stages(sales):
    stages = contents(sales / "pipeline", "stages", "sales")
    set_parameters(sales / "pipeline", {"scale": 0.5, "n": 20, "title": "Turnover", "seed": 1})
    edit(sales / "sales.ipynb", "cell-0", "Sales", "All sales")
    assert convert(sales / "sales.ipynb", sales / "pipeline").verdict.state == "same"
    after = contents(sales / "pipeline", "stages", "sales")
    assert {name for name in stages if after[name] != stages[name]} <= {"stages/load.ipynb"}
    assert "20 rows" in (sales / "pipeline" / "runs" / "load.ipynb").read_text("utf-8")


def _edit_stage(folder: Path, old: str, new: str) -> Path:
    file = folder / "pipeline" / "stages" / "train.ipynb"
    document = json.loads(file.read_text("utf-8"))
    cell = next(cell for cell in document["cells"] if cell["id"] == "cell-4")
    cell["source"] = "".join(cell["source"]).replace(old, new)
    file.write_text(json.dumps(document), "utf-8")  # as another editor saves it
    return file


def test_an_edited_stage_is_offered_back_to_the_notebook(sales):
    _edit_stage(sales, "noise = random.random()", "noise = 2 * random.random()")
    before = contents(sales)
    refused = nb2prod(sales, "convert", "sales.ipynb", code=1).stderr
    assert "+++ sales.ipynb, cell 5 (cell-4), as edited in stages/train.ipynb" in refused
    assert "-noise = random.random()\n+noise = 2 * random.random()" in refused
    assert "notebook sales.ipynb:" not in refused  # nothing ran
    assert contents(sales) == before

    edit(sales / "sales.ipynb", "cell-4", "*= scale", "+= scale")
    refused = nb2prod(sales, "convert", "sales.ipynb", code=1).stderr
    assert "+noise = 2 * random.random()" in refused
    assert "the notebook's cell changed too" in refused
    assert "+best['price'] += scale" in refused

    edit(sales / "sales.ipynb", "cell-4", "noise = random", "noise = 2 * random")
    _edit_stage(sales, "*= scale", "+= scale")
    assert "verdict: same" in nb2prod(sales, "convert", "sales.ipynb").stdout  # both are the same now
    assert is_clean(sales / "pipeline")


def test_a_pipeline_that_another_python_proved_is_proved_anew(tmp_path):
    path = write(tmp_path / "tiny.ipynb", notebook(("stage:load", "n = 1"), ("stage:save", "print(n)")))
    manifest = convert(path).project.folder / "conversion.json"
    text = manifest.read_text()
    manifest.write_text(re.sub(r'"python": "[\d.]+"', '"python": "3.2.1"', text))
    again = convert(path)
    assert any("proved anew" in note and "Python 3." in note for note in again.notes)
    assert again.verdict.state == "same"
    assert manifest.read_text() == text
    assert "nothing changed since it was proved" in convert(path).notes
