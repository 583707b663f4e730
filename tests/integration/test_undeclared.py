"""A stage that opens other files than it declares fails with the file's name, under nb2prod and under plain DVC."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from integration import projects
from integration.projects import contents, dvc, nb2prod
from nb2prod.errors import Refused
from nb2prod.operations.convert import convert

pytestmark = pytest.mark.slow

# What is opened depends on parameters in a way that only running tells.
STORES = projects.notebook(
    ("parameters", "store = 'north'\nextra = ''\nbrief = False"),
    (
        "stage:load",
        "from pathlib import Path\n\nsales = [int(line) for line in Path('data', ''.join([store, '.txt'])).read_text().split()]\n"
        "try:\n    limit = int(Path('limit.txt').read_text())\nexcept FileNotFoundError:\n    limit = 100\n"
        "sales = [min(sale, limit) for sale in sales]",
    ),
    (
        "stage:report",
        "draft = Path('draft.txt')\ndraft.write_text(str(sum(sales)))\ntext = draft.read_text()\ndraft.unlink()\n"
        "if not brief:\n    Path('total.txt').write_text(text)\n"
        "if extra:\n    Path('notes', extra.lower()).write_text(text)",
    ),
    ("metrics", "total = int(text)"),
)


@pytest.fixture(scope="session")
def converted_stores(shared) -> Path:
    """A project whose notebook's files depend on its parameters, converted. Not to be changed: take `stores`."""

    def make(folder: Path) -> None:
        for path, text in {"data/north.txt": "1 2", "data/south.txt": "3 4", "notes/readme.txt": ""}.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_text(text)
        done = convert(projects.write(folder / "stores.ipynb", STORES), folder / "pipeline", init=True)
        assert done.verdict.state == "same"

    return shared("stores", make)


@pytest.fixture
def stores(converted_stores, tmp_path) -> Path:
    """A copy of it."""
    return Path(shutil.copytree(converted_stores, tmp_path / "stores", symlinks=True))


@pytest.mark.parametrize(
    ("name", "value", "said", "total"),
    [
        ("store", "south", "stage `load` failed: data/south.txt: this stage reads it and does not declare it", 7),
        ("extra", "More.txt", "stage `report` failed: notes/more.txt: this stage writes it and does not declare it", 3),
    ],
    ids=["read", "written"],
)
def test_another_file_fails_by_name(stores, name, value, said, total):
    before = contents(stores)
    failed = nb2prod(stores, "run", "pipeline", "-p", name, value, code=3)
    assert said in failed.stderr
    assert "error: " + said in failed.stderr.splitlines()[-2]
    assert contents(stores) == before

    allowed = nb2prod(stores, "run", "pipeline", "-p", name, value, "--allow-undeclared")
    assert f"total: {total}" in allowed.stdout


def test_a_declared_file_that_is_not_written_fails_by_name(stores):
    failed = nb2prod(stores, "run", "pipeline", "-p", "brief", "true", code=3)
    assert "stage `report` did not write `../total.txt`, which it declares as its output" in failed.stderr


def test_so_it_is_under_plain_dvc(stores, tmp_path):
    env = projects.without_nb2prod(tmp_path / "without")
    projects.set_parameters(stores / "pipeline", {"store": "south"})
    failed = dvc(stores / "pipeline", "repro", code=None, env=env)
    assert failed.returncode != 0
    assert "StageError: data/south.txt: this stage reads it" in failed.stderr + failed.stdout
    dvc(stores / "pipeline", "repro", env={**env, "NB2PROD_ALLOW_UNDECLARED": "1"})


def test_after_another_conversion_it_is_declared(stores):
    projects.set_parameters(stores / "pipeline", {"store": "south"})
    assert convert(stores / "stores.ipynb", stores / "pipeline").verdict.state == "same"
    assert "../data/south.txt" in (stores / "pipeline" / "dvc.yaml").read_text()
    nb2prod(stores, "run", "pipeline", "--force")


def test_a_file_that_somebody_may_lack_is_asked_for(stores):
    """Nobody had a `limit.txt` at the conversion; who puts one there is told that no stage depends on it."""
    (stores / "limit.txt").write_text("1")
    assert "limit.txt: this stage reads it" in nb2prod(stores, "run", "pipeline", "--force", code=3).stderr


def test_a_file_of_the_project_is_not_written_by_its_absolute_path(tmp_path):
    """The run that is observed happens in a copy, and would miss it."""
    path = tmp_path / "out" / "x.txt"
    cells = projects.notebook("import os\nos.makedirs('out', exist_ok=True)", f"open({str(path)!r}, 'w').close()")
    path.parent.mkdir()
    with pytest.raises(Refused, match=r"cell 2.*absolute path") as refused:
        convert(projects.write(tmp_path / "work.ipynb", cells), tmp_path / "pipeline")
    assert "write `out/x.txt`" in refused.value.hint
