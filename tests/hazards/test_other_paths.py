"""A path that the notebook did not take when it was converted: the pipeline takes it rightly, or says that it cannot."""

from __future__ import annotations

from pathlib import Path

import pytest

from hazards.hazard import write_notebook
from nb2prod.errors import CellFailed, Refused
from nb2prod.operations.convert import convert
from nb2prod.operations.run import run

pytestmark = pytest.mark.slow

# title: (cells, what the message names)
GUARDED = {
    "a name for one object or another": (
        "# %% parameters\nm=2\n# %% stage:a\nx=[1]; y=[2]\n# %% stage:b\nz = x if m==2 else y\n"
        "# %% stage:c\nz.append(5)\n# %% stage:d\nprint(x, y, z)\n",
        "shares objects with variable y",
    ),
    "the same within one stage": (
        "# %% parameters\nm=2\n# %% stage:a\nx=[1]; y=[len(str(m))]\nz = x if m==2 else y\n"
        "# %% stage:b\nz.append(5)\n# %% stage:c\nprint(x, y, z)\n",
        "shares objects with",
    ),
    "a parameter under another name": (
        "# %% parameters\nn=2\nsteps=[1, 2]\nm=2\n# %% stage:a\nb = steps if m==3 else list(steps)\n# %% stage:b\nb.append(9)\n"
        "# %% stage:c\nprint(b, steps)\n",
        "shares objects with variable steps",
    ),
    "a parameter changed under another name": (
        "# %% parameters\nsteps=[1, 2]\nm=2\n# %% stage:a\nb = steps if m==3 else list(steps)\nb.append(9)\n"
        "# %% stage:b\nprint(steps)\n",
        "variable steps: this stage changed it",
    ),
    "a parameter under another name in a middle stage": (
        "# %% parameters\nsteps=[1, 2]\nm=2\n# %% stage:a\nprint(m)\n# %% stage:b\nb = steps if m==3 else list(steps)\n"
        "# %% stage:c\nb.append(9)\n# %% stage:d\nprint(steps, b)\n",
        "shares objects with variable steps",
    ),
    "what the setup made, changed under another name": (
        "# %% setup\nsteps=[1, 2]\n# %% parameters\nm=2\n# %% stage:a\nb = steps if m==3 else list(steps)\nb.append(9)\n"
        "# %% stage:b\nprint(steps)\n",
        "variable steps: this stage changed it",
    ),
    "a change through globals()": (
        "# %% parameters\nm=2\n# %% stage:a\nc=[1]\nk=3\n# %% stage:b\nif m==3:\n    globals().get('c').append(9)\n"
        "# %% stage:c\nprint(c, k)\n",
        "variable c: this stage changed it",
    ),
    "a constant bound again through globals()": (
        "# %% parameters\nm=2\n# %% stage:a\nk=3\n# %% stage:b\nif m==3:\n    globals()['k']=4\n"
        "# %% stage:c\nprint(k)\n",
        "variable k: this stage changed it",
    ),
    "a constant of the same stage bound again through globals()": (
        "# %% parameters\nm=2\n# %% stage:a\nk=3\n# %%\nif m==3:\n    globals()['k']=4\n# %% stage:b\nprint(k)\n",
        "variable k: this stage changed it",
    ),
    "a parameter bound again through vars()": (
        "# %% parameters\nm=2\nn=1\n# %% stage:a\nd=[1]\nif m==3:\n    vars()['n']=4\n# %% stage:b\nprint(d, n)\n",
        "variable n: this stage changed it",
    ),
    "a parameter bound again through exec in a middle stage": (
        "# %% parameters\nm=2\nn=1\n# %% stage:a\nd=[1]\n# %% stage:b\nif m==3:\n    exec('n=4')\n"
        "# %% stage:c\nprint(d, n)\n",
        "variable n: this stage changed it",
    ),
    "an option set in a branch that does more": (
        "# %% setup\nimport numpy as np\nimport pandas as pd\npd.set_option('display.precision', 2)\n# %% parameters\nm=2\n"
        "# %% stage:a\nx=1\nif m==3:\n    def f(x): return -x\n    pd.set_option('display.precision', 4)\n"
        "    np.random.seed(5)\n"
        "# %% stage:b\nprint(pd.get_option('display.precision'))\n",
        "setting pandas_options: this stage changed it",
    ),
    "an estimator that draws for another value": (
        "# %% parameters\nm=2\n# %% stage:a\nimport numpy as np\nfrom sklearn.linear_model import LogisticRegression\n"
        "from sklearn.ensemble import RandomForestClassifier\nnp.random.seed(0)\nX=np.random.rand(30, 3)\ny=X[:, 0] > 0.5\n"
        "# %% stage:b\nmodel = LogisticRegression() if m == 2 else RandomForestClassifier(n_estimators=3)\n"
        "model.fit(X, y)\n# %% stage:c\nprint(model.score(X, y))\n",
        "setting random_numpy: this stage changed it",
    ),
    "a change in a branch": (
        "# %% parameters\nm=2\n# %% stage:a\nc=[1]\n# %% stage:b\nif m==3:\n    c.append(9)\n# %% stage:c\nprint(c)\n",
        "variable c: this stage changed it",
    ),
}


@pytest.mark.parametrize("title", GUARDED)
def test_a_stage_fails_where_another_path_breaks_the_plan(title: str, tmp_path: Path) -> None:
    cells, told = GUARDED[title]
    notebook = write_notebook(tmp_path / "paths.ipynb", cells)
    assert convert(notebook, tmp_path / "pipeline", init=True).verdict.state == "same"
    with pytest.raises(CellFailed) as failed:
        run(tmp_path / "pipeline", parameters={"m": 3})
    assert told in (failed.value.traceback or "")


def test_a_constant_bound_again_in_its_own_cell_travels(tmp_path: Path) -> None:
    """Nothing watches a name from within the cell that binds it: it is handed on as it is at the end."""
    cells = (
        "# %% parameters\nm=2\n# %% stage:a\nk=3\nif m==3:\n    globals()['k']=4\n"
        "# %% stage:b\nseen = k\n# %% stage:c metrics\nresult = seen\n"
    )
    notebook = write_notebook(tmp_path / "own.ipynb", cells)
    assert convert(notebook, tmp_path / "pipeline", init=True).verdict.state == "same"
    run(tmp_path / "pipeline", parameters={"m": 3}, keep=True)
    assert '"result": 4' in next((tmp_path / "pipeline" / "metrics").glob("*.json")).read_text()


def test_an_expected_exception_runs_under_papermill_too(tmp_path: Path) -> None:
    cells = "# %% stage:a\nx=[1]\n# %% raises-exception\nx.append(2)\n1/0\n# %% stage:b\nprint(x)\n"
    notebook = write_notebook(tmp_path / "raises.ipynb", cells)
    assert convert(notebook, tmp_path / "pipeline", init=True).verdict.state == "same"
    assert run(tmp_path / "pipeline", force=True).executed == ("a", "b")


def test_an_exception_that_is_not_expected_still_fails_the_stage(tmp_path: Path) -> None:
    """Only the tagged cell may raise: the next one is not covered."""
    cells = "# %% parameters\nm=2\n# %% stage:a raises-exception\n1/0\n# %%\nx = 1/(m-3)\n# %% stage:b\nprint(x)\n"
    notebook = write_notebook(tmp_path / "raises.ipynb", cells)
    convert(notebook, tmp_path / "pipeline", init=True)
    with pytest.raises(CellFailed) as failed:
        run(tmp_path / "pipeline", parameters={"m": 3})
    assert "ZeroDivisionError" in (failed.value.traceback or "")


def test_what_a_later_stage_left_does_not_change_an_earlier_one(tmp_path: Path) -> None:
    cells = (
        "# %% stage:a\nimport os\nx=os.path.exists('o.txt')\n# %% stage:b\nopen('o.txt','w').write('1')\n"
        "# %% stage:c\nprint(x)\n"
    )
    notebook = write_notebook(tmp_path / "exists.ipynb", cells)
    assert convert(notebook, tmp_path / "pipeline", init=True).verdict.state == "same"
    lock = (tmp_path / "pipeline" / "dvc.lock").read_bytes()
    run(tmp_path / "pipeline", force=True)
    assert (tmp_path / "pipeline" / "dvc.lock").read_bytes() == lock


LISTED = {
    "one stage fills the folder": (
        "# %% stage:a\nimport os\nos.makedirs('out',exist_ok=True)\nopen('out/a.txt','w').write('1')\n"
        "# %% stage:b\nnames=sorted(os.listdir('out'))\n# %% stage:c\nprint(names)\n",
        3,
    ),
    "two stages fill it and a pattern leaves DVC's file out": (
        "# %% stage:a\nimport os\nos.makedirs('out',exist_ok=True)\nopen('out/a.txt','w').write('1')\n"
        "# %% stage:b\nopen('out/b.txt','w').write('2')\n"
        "# %% stage:c\nimport glob\nprint(sorted(glob.glob('out/*.txt')))\n",
        3,
    ),
    "two stages fill it and everything is listed": (
        "# %% stage:a\nimport os\nos.makedirs('out',exist_ok=True)\nopen('out/a.txt','w').write('1')\n"
        "# %% stage:b\nopen('out/b.txt','w').write('2')\n# %% stage:c\nprint(sorted(os.listdir('out')))\n",
        1,
    ),
    "it is listed before it is filled": (
        "# %% stage:a\nimport os\nos.makedirs('out',exist_ok=True)\nn=len(os.listdir('out'))\n"
        "# %% stage:b\nopen('out/b.txt','w').write('2')\n# %% stage:c\nprint(n)\n",
        2,
    ),
}


@pytest.mark.parametrize("title", LISTED)
def test_listing_a_folder_of_outputs(title: str, tmp_path: Path) -> None:
    """DVC's own `.gitignore` beside the outputs changes nothing, at the first run and at the next ones."""
    cells, stages = LISTED[title]
    notebook = write_notebook(tmp_path / "listing.ipynb", cells)
    done = convert(notebook, tmp_path / "pipeline", init=True)
    assert done.verdict.state == "same"
    assert done.pipeline is not None
    assert len(done.pipeline.stages) >= stages, done.merges
    lock = (tmp_path / "pipeline" / "dvc.lock").read_bytes()
    run(tmp_path / "pipeline", force=True)
    assert (tmp_path / "pipeline" / "dvc.lock").read_bytes() == lock


def test_what_is_written_when_the_kernel_ends_is_refused(tmp_path: Path) -> None:
    cells = "# %% stage:a\nimport atexit\natexit.register(lambda: open('bye.txt','w').write('1'))\n# %% stage:b\n1\n"
    notebook = write_notebook(tmp_path / "late.ipynb", cells)
    with pytest.raises(Refused, match=r"cell 1 .*bye\.txt"):
        convert(notebook, tmp_path / "pipeline")
