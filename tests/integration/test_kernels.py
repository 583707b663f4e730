"""Two environments: nb2prod in one, the notebook's kernel in another that has never heard of it."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from integration.projects import ROOT, artifacts, call, commit, dvc, git, is_clean, nb2prod, notebook, write
from nb2prod.operations.convert import convert
from nb2prod.operations.verify import verify

PYTHON = ROOT / ".venv-kernel" / "bin" / "python"
TREES = notebook(
    ("parameters", "size = 30"),
    (
        "stage:load",
        "import sys\n\nimport numpy as np\nimport pandas as pd\nimport tinydist\n\nnp.random.seed(1)\n"
        "frame = pd.DataFrame({'x': np.random.normal(size=size)})\nframe['y'] = 2 * frame['x'] + tinydist.OFFSET\n"
        "absent = [name for name in ('nb2prod', 'papermill', 'dvc') if name not in sys.modules]",
    ),
    (
        "stage:train",
        "from sklearn.linear_model import LinearRegression\n\nmodel = LinearRegression().fit(frame[['x']], frame['y'])",
    ),
    ("stage:evaluate metrics", "score = float(model.score(frame[['x']], frame['y'])) + np.random.random()"),
)


@pytest.fixture
def science(tmp_path, monkeypatch) -> str:
    """A kernel of that name in `.venv-kernel`, with one distribution that is nowhere else."""
    if not PYTHON.exists():
        message = "`make .venv-kernel/installed` makes the second environment"
        pytest.fail(message) if os.environ.get("CI") else pytest.skip(message)
    extra = tmp_path / "extra"
    (extra / "tinydist-1.2.3.dist-info").mkdir(parents=True)
    (extra / "tinydist-1.2.3.dist-info" / "METADATA").write_text(
        "Metadata-Version: 2.1\nName: tinydist\nVersion: 1.2.3\n"
    )
    (extra / "tinydist-1.2.3.dist-info" / "RECORD").write_text("tinydist.py,,\n")
    (extra / "tinydist.py").write_text("OFFSET = 0.5\n")
    spec = tmp_path / "jupyter" / "kernels" / "science" / "kernel.json"
    spec.parent.mkdir(parents=True)
    start = [str(PYTHON), "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    spec.write_text(
        json.dumps({"argv": start, "display_name": "Science", "language": "python", "env": {"PYTHONPATH": str(extra)}})
    )
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path / "jupyter"))
    monkeypatch.delenv("PYTHONPATH", raising=False)
    return "science"


def _installed(python: Path) -> dict[str, str]:
    code = "import importlib.metadata as m; print(*(f'{d.name}=={d.version}' for d in m.distributions()))"
    lines = call([str(python), "-c", code], ROOT).stdout.split()
    return dict(line.lower().replace("_", "-").split("==") for line in lines)


@pytest.mark.slow
def test_a_notebook_of_another_interpreter(tmp_path, science):
    there = _installed(PYTHON)
    assert not there.keys() & {"nb2prod", "papermill", "dvc"}
    project = tmp_path / "project"
    write(project / "trees.ipynb", TREES)
    git(project, "init", "-q")
    dvc(project, "init", "-q")
    commit(project)
    done = convert(project / "trees.ipynb", kernel=science)
    assert done.verdict.state == "same"
    folder = done.project.folder

    lines = (folder / "requirements.txt").read_text().splitlines()
    locked = dict(line.partition(";")[0].strip().split("==") for line in lines if "==" in line and line[0] != "#")
    assert locked.pop("tinydist") == "1.2.3"
    assert {"pandas", "scikit-learn", "ipykernel", "pyarrow"} <= locked.keys()
    assert {name: version for name, version in locked.items() if there.get(name) != version} == {}

    for stage in done.pipeline.stages:
        kernel = json.loads((folder / stage.notebook).read_text())["metadata"]["kernelspec"]["name"]
        assert kernel == "science"
    made = artifacts(folder)
    dvc(folder, "repro", "-f")
    assert artifacts(folder) == made
    assert is_clean(folder)
    assert verify(folder).verdict.state == "same"
    nb2prod(project, "convert", "trees.ipynb", "--kernel", science, "--check", code=None)


@pytest.mark.slow
def test_a_kernel_that_is_not_there(tmp_path):
    write(tmp_path / "trees.ipynb", TREES)
    missing = nb2prod(tmp_path, "convert", "trees.ipynb", "--kernel", "sciense", code=3)
    assert "there is no kernel `sciense`" in missing.stderr
    assert not (tmp_path / "pipeline").exists()
