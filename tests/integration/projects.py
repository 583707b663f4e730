"""Small projects to convert, and the programs that people run on them: nb2prod, DVC, git."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "example_notebooks"
IDENTITY = {
    f"GIT_{who}_{what}": value
    for who in ("AUTHOR", "COMMITTER")
    for what, value in (("NAME", "Test"), ("EMAIL", "test@example.org"))
}


# ── Notebooks ────────────────────────────────────────────────────────────────────────────────────────────


def notebook(*cells: str | tuple[str, str], kernel: str = "python3") -> dict[str, Any]:
    """A notebook of code cells: the source, or (tags separated by blanks, source). `#md` opens a prose cell."""
    return {
        "cells": [_cell(number, cell) for number, cell in enumerate(cells)],
        "metadata": {"kernelspec": {"name": kernel, "display_name": kernel, "language": "python"}},
        "nbformat": 4,
        "nbformat_minor": 5,
    }


def _cell(number: int, cell: str | tuple[str, str]) -> dict[str, Any]:
    tags, source = cell if isinstance(cell, tuple) else ("", cell)
    metadata = {"tags": tags.split()} if tags else {}
    base = {"id": f"cell-{number}", "metadata": metadata, "source": source.removeprefix("#md ")}
    if source.startswith("#md "):
        return {"cell_type": "markdown", **base}
    return {"cell_type": "code", "execution_count": None, "outputs": [], **base}


def write(path: Path, document: Mapping[str, Any]) -> Path:
    """Save a notebook."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(document, indent=1), "utf-8")
    return path


def edit(path: Path, cell_id: str, old: str, new: str) -> None:
    """Replace text in one cell."""
    document = json.loads(path.read_text("utf-8"))
    cell = next(cell for cell in document["cells"] if cell["id"] == cell_id)
    assert old in cell["source"]
    cell["source"] = cell["source"].replace(old, new)
    write(path, document)


#: Four stages; every kind of crossing: a file of the user's, an alias, a change in a later stage, random state, text.
SALES = notebook(
    "#md # Sales",
    ("parameters", "n = 12  # rows\nscale = 2.0\ntitle = 'Sales'\nseed = 5"),
    (
        "stage:load",
        "import json\nimport random\nfrom pathlib import Path\n\nrandom.seed(seed)\n"
        "prices = json.loads(Path('data/prices.json').read_text())\n"
        "rows = [{'price': random.choice(prices), 'tags': {'new', 'old', 'odd'}} for _ in range(n)]\n"
        "print(len(rows), 'rows')",
    ),
    (
        "stage:clean",
        "kept = [row for row in rows if row['price'] > 1]\nbest = kept[0]\nbest['tags'].add('best')\n"
        "print(len(kept), 'kept')",
    ),
    (
        "stage:train",
        "best['price'] *= scale\nnoise = random.random()\n"
        "model = {'mean': sum(row['price'] for row in kept) / len(kept), 'noise': noise}\nmodel",
    ),
    (
        "stage:report",
        "text = f\"{title}: {model['mean']:.6f} {model['noise']:.6f} {best is kept[0]}\"\n"
        "Path('report.txt').write_text(text)\nprint(text)",
    ),
    ("metrics", "mean = model['mean']\ncount = len(kept)"),
)


def sales(folder: Path) -> Path:
    """A project with `sales.ipynb` and its data, under git and DVC; the path of the notebook."""
    (folder / "data").mkdir(parents=True)
    (folder / "data" / "prices.json").write_text("[1, 2, 3, 5, 8, 13]\n", "utf-8")
    path = write(folder / "sales.ipynb", SALES)
    git(folder, "init", "-q")
    dvc(folder, "init", "-q")
    commit(folder)
    return path


def example(folder: Path, name: str) -> Path:
    """An example notebook with its data in a new project; the path of the notebook."""
    folder.mkdir(parents=True)
    shutil.copytree(EXAMPLES / "data", folder / "data")
    return Path(shutil.copy(EXAMPLES / name, folder / name))


def alternatives(name: str) -> dict[str, object]:
    """A second value of each of its parameters."""
    found: dict[str, object] = json.loads((EXAMPLES / "alternatives.json").read_text("utf-8"))[name]
    return found


def set_parameters(folder: Path, values: Mapping[str, object]) -> None:
    """Edit `params.yaml` by hand."""
    from nb2prod.adapters.params import updated_params
    from nb2prod.operations.preflight import load_params

    path = folder / "params.yaml"
    text = path.read_text("utf-8")
    current = load_params(text, folder)
    assert values.keys() <= current.keys()
    path.write_text(updated_params(text, {**current, **values}), "utf-8")


# ── Programs ─────────────────────────────────────────────────────────────────────────────────────────────


def environment(extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """This process's environment, with the programs of its interpreter first."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    return {**os.environ, **IDENTITY, "PATH": path, "DVC_NO_ANALYTICS": "1", "NO_COLOR": "1", **(extra or {})}


def call(
    arguments: Iterable[str], folder: Path, *, code: int | None = 0, env: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run a program; its exit code must be `code` (None: any)."""
    command = list(arguments)
    done = subprocess.run(command, cwd=folder, env=environment(env), capture_output=True, text=True, check=False)
    assert code is None or done.returncode == code, f"{command}: {done.returncode}\n{done.stdout}\n{done.stderr}"
    return done


def nb2prod(folder: Path, *arguments: str, code: int | None = 0, **keywords: Any) -> subprocess.CompletedProcess[str]:
    """Run `nb2prod` as a program."""
    return call([sys.executable, "-m", "nb2prod", *arguments], folder, code=code, **keywords)


def dvc(folder: Path, *arguments: str, code: int | None = 0, **keywords: Any) -> subprocess.CompletedProcess[str]:
    """Run `dvc`."""
    return call([sys.executable, "-m", "dvc", *arguments], folder, code=code, **keywords)


def git(folder: Path, *arguments: str, code: int | None = 0) -> str:
    """Run `git`; its output."""
    return call(["git", *arguments], folder, code=code).stdout


def commit(folder: Path, message: str = "work") -> None:
    """Commit everything."""
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "-m", message)


def is_clean(folder: Path) -> bool:
    """Whether `dvc status` has nothing to say."""
    return json.loads(dvc(folder, "status", "--json", "dvc.yaml").stdout or "{}") == {}


def reran(output: str) -> list[str]:
    """The stages that `dvc repro` ran."""
    return [line.split("'")[1] for line in output.splitlines() if line.startswith("Running stage")]


def clone(repository: Path, folder: Path) -> Path:
    """A fresh clone that has none of the data that DVC keeps."""
    git(repository.parent, "clone", "-q", str(repository), str(folder))
    return folder


def without_nb2prod(folder: Path) -> dict[str, str]:
    """An environment in which `import nb2prod` fails, also in kernels."""
    package = folder / "nb2prod"
    package.mkdir(parents=True, exist_ok=True)
    (package / "__init__.py").write_text("raise ImportError('nb2prod is not installed here')\n", "utf-8")
    return {"PYTHONPATH": str(folder)}


# ── Files ────────────────────────────────────────────────────────────────────────────────────────────────


def contents(folder: Path, *parts: str) -> dict[str, bytes]:
    """The bytes of all files below `parts` of the folder (default: all), by path; no history, caches or by-products."""
    left_out = {".git", "cache", "tmp", "runs", "__pycache__"}
    paths = [path for part in parts or ("",) for path in [folder / part, *(folder / part).rglob("*")] if path.is_file()]
    names = {path.relative_to(folder): path for path in paths}
    return {name.as_posix(): path.read_bytes() for name, path in names.items() if not left_out & {*name.parts[:-1]}}


def artifacts(folder: Path) -> dict[str, bytes]:
    """The bytes of a pipeline's results."""
    found = contents(folder, "artifacts", "metrics")
    return {name: data for name, data in found.items() if not name.endswith(".gitignore")}


def forget_results(root: Path, pipeline: Path) -> None:
    """As after a fresh clone: no artifacts and nothing in DVC's cache."""
    for path in (pipeline / "artifacts", pipeline / "metrics", root / ".dvc" / "cache", root / ".dvc" / "tmp"):
        shutil.rmtree(path, ignore_errors=True)
