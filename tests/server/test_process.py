"""How a job's process is started: what it finds, and what it hands on to kernels."""

from __future__ import annotations

import json
import subprocess

from nb2prod.server import process

TOLD = "import json, os, sys; print(json.dumps([sys.argv[1:], sys.path, os.environ.get('PYTHONPATH')]))"


def test_a_program_finds_what_we_find_and_kernels_are_not_told(tmp_path, monkeypatch):
    monkeypatch.delenv("PYTHONPATH", raising=False)
    (tmp_path / "ours").mkdir()
    (tmp_path / "ours" / "told.py").write_text(TOLD)
    project = tmp_path / "project"
    project.mkdir()
    (project / "json.py").write_text("raise SystemExit('a file of the project is no library')")
    monkeypatch.syspath_prepend(str(tmp_path / "ours"))
    done = subprocess.run(process.program("told", "a b"), cwd=project, capture_output=True, text=True, check=True)
    arguments, path, variable = json.loads(done.stdout)
    assert (arguments, variable) == (["a b"], None)
    assert str(tmp_path / "ours") in path
    assert not {"", str(project)} & set(path)
