"""A version predicts with its own copy of a package that is installed from the repository."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

WORKER = Path(__file__).parents[2] / "templates" / "nb2prod_worker"


@pytest.mark.parametrize(
    ("tree", "printed"), [("repository/.nb2prod/versions/v1/tree", "old"), ("repository", "new"), ("empty", "absent")]
)
def test_the_package_of_the_version(tmp_path, tree, printed):
    for place, text in (("repository", "new"), ("repository/.nb2prod/versions/v1/tree", "old")):
        (tmp_path / place / "packages" / "mine").mkdir(parents=True)
        (tmp_path / place / "packages" / "mine" / "mine.py").write_text(f"KIND = {text!r}\n")
    (tmp_path / "empty").mkdir()
    code = (
        f"import sys; sys.path.insert(0, {str(WORKER.parent)!r}); from nb2prod_worker.model import _look_in\n"
        f"sys.path.append({str(tmp_path / 'repository' / 'packages' / 'mine')!r})  # as a .pth file does\n"
        f"_look_in({str(tmp_path / tree)!r}, {str(tmp_path / 'repository')!r})\n"
        "try:\n    import mine; print(mine.KIND)\nexcept ImportError:\n    print('absent')"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == printed
