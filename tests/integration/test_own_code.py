"""The project's own code: `../lib`, and editable installs. What is edited runs the stages that import it, no others."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
import yaml

from integration.projects import artifacts, commit, dvc, git, notebook, write
from nb2prod.operations.convert import convert
from nb2prod.operations.run import run
from nb2prod.operations.warm import Warm

pytestmark = pytest.mark.slow

WORK = notebook(
    ("parameters", "size = 3"),
    (
        "stage:load",
        "import sys\n\nsys.path.append('../lib')\nimport shapes\n\nareas = [shapes.area(n) for n in range(size)]",
    ),
    ("stage:weigh", "from mine.core import weight\n\nweighed = [weight(n) for n in range(size)]"),
    ("stage:tell", "import other\nimport yours\n\ntold = yours.tell(other.BASE)"),
    ("stage:end", "total = sum(areas) + sum(weighed) + told\nprint(total)"),
    ("metrics", "result = total"),
    kernel="own",
)
FINDER = """
import sys
from importlib.util import spec_from_file_location

MAPPING = {{"yours": {place!r}}}
NAMESPACES = {{}}


class _EditableFinder:
    @classmethod
    def find_spec(cls, name, path=None, target=None):
        if name in MAPPING:
            return spec_from_file_location(name, MAPPING[name] + "/__init__.py")


def install():
    sys.meta_path.append(_EditableFinder)
"""
FILES = {
    "lib/shapes.py": "import units\n\n\ndef area(n):\n    return n * n * units.SCALE\n",
    "lib/units.py": "SCALE = 2\n",
    "lib/other.py": "BASE = 5\n",
    "packages/mine/pyproject.toml": "[project]\nname = 'mine'\nversion = '0.1'\n",
    "packages/mine/src/mine/__init__.py": "",
    "packages/mine/src/mine/core.py": "from .heavy import KILO\n\n\ndef weight(n):\n    return n * KILO\n",
    "packages/mine/src/mine/heavy.py": "KILO = 1000\n",
    "packages/mine/src/mine/unused.py": "NOTHING = None\n",
    "packages/yours/yours/__init__.py": "def tell(base):\n    return base + 1\n",
}
DEPS = {
    "load": {"../../lib/shapes.py", "../../lib/units.py"},
    "weigh": {f"../../packages/mine/src/mine/{name}.py" for name in ("__init__", "core", "heavy")},
    "tell": {"../../lib/other.py", "../../packages/yours/yours/__init__.py"},
    "end": set(),
}


@pytest.fixture
def project(tmp_path, monkeypatch) -> Path:
    """A repository whose two packages are installed as pip and setuptools install editable ones."""
    root, site = tmp_path / "project", tmp_path / "site"
    for path, text in FILES.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text, "utf-8")
    for name in ("mine", "yours"):
        info = site / f"{name}-0.1.dist-info"
        info.mkdir(parents=True)
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 0.1\n")
        (info / "top_level.txt").write_text(name)
        where = {"url": (root / "packages" / name).as_uri(), "dir_info": {"editable": True}}
        (info / "direct_url.json").write_text(json.dumps(where))
    (site / "mine.pth").write_text(f"{root / 'packages' / 'mine' / 'src'}\n")
    (site / "__editable___yours_finder.py").write_text(FINDER.format(place=str(root / "packages" / "yours" / "yours")))
    (site / "yours.pth").write_text("import __editable___yours_finder as one; one.install()\n")
    (site / "sitecustomize.py").write_text(f"import site\nsite.addsitedir({str(site)!r})\n")
    spec = tmp_path / "jupyter" / "kernels" / "own" / "kernel.json"
    spec.parent.mkdir(parents=True)
    start = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    kernel = {"argv": start, "display_name": "Own", "language": "python", "env": {"PYTHONPATH": str(site)}}
    spec.write_text(json.dumps(kernel))
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path / "jupyter"))
    write(root / "nb" / "work.ipynb", WORK)
    git(root, "init", "-q")
    dvc(root, "init", "-q")
    commit(root)
    return root


def _edit(root: Path, path: str, old: str, new: str) -> None:
    text = (root / path).read_text("utf-8")
    assert old in text
    (root / path).write_text(text.replace(old, new), "utf-8")


def test_an_edit_runs_the_stages_that_import_it(project):
    done = convert(project / "nb" / "work.ipynb")
    assert done.verdict.state == "same"
    folder = done.project.folder
    stages = yaml.safe_load((folder / "dvc.yaml").read_text())["stages"]
    code = {
        name: {one for one in stage["deps"] if "/lib/" in one or "/packages/" in one} for name, stage in stages.items()
    }
    assert code == DEPS
    wanted = (folder / "Dockerfile.dockerignore").read_text()
    assert {path for path in FILES if f"!{path}\n" in wanted} >= {"lib/units.py", "packages/mine/src/mine/heavy.py"}
    assert str(project) not in (folder / "dvc.yaml").read_text() + (folder / "requirements.txt").read_text()

    with Warm() as warm:
        assert run(folder, warm=warm).executed == ()
        _edit(project, "packages/mine/src/mine/unused.py", "None", "0")
        assert run(folder, warm=warm).executed == ()
        _edit(project, "lib/units.py", "SCALE = 2", "SCALE = 2  # the same")
        assert run(folder, warm=warm).executed == ("load",)
        _edit(project, "packages/mine/src/mine/heavy.py", "1000", "10")
        found = run(folder, warm=warm)
        assert found.executed == ("weigh", "end")
        assert found.metrics == {"result": 2 * 5 + 10 * 3 + 6}
        _edit(project, "packages/yours/yours/__init__.py", "+ 1", "+ 2")
        assert run(folder, warm=warm).executed == ("tell", "end")
    warm_one, lock = artifacts(folder), (folder / "dvc.lock").read_bytes()
    dvc(folder, "repro", "--force")
    assert artifacts(folder) == warm_one
    assert (folder / "dvc.lock").read_bytes() == lock
