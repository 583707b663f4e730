"""Folders, disks, kernels and parameters that stand in the way: a sentence and a remedy, and nothing changed."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from cli.notebooks import code, write
from nb2prod.adapters import files
from nb2prod.operations import preflight

TWO = (code("n = 3", "parameters"), code("x = list(range(n))", "stage:load"), code("print(sum(x))", "stage:sum"))


def test_an_output_folder_that_holds_something_else(refused, tmp_path):
    write(tmp_path / "n.ipynb", *TWO)
    (tmp_path / "pipeline").mkdir()
    (tmp_path / "pipeline" / "thesis.txt").write_text("years of work")
    (tmp_path / "taken").write_text("a file")
    assert "holds something else" in refused(2, "convert", "n.ipynb")
    assert "taken is a file" in refused(2, "convert", "n.ipynb", "--out", "taken")
    assert "holds the notebook itself" in refused(2, "convert", "n.ipynb", "--out", ".")


def test_an_output_folder_outside_the_project(refused, tmp_path):
    write(tmp_path / "project" / "n.ipynb", *TWO)
    subprocess.run(["git", "init", "-q", tmp_path / "project"], check=True)
    said = refused(2, "convert", "project/n.ipynb", "--out", "elsewhere")
    assert "lies outside the project" in said and "choose one inside it" in said


def test_a_pipeline_that_is_not_there(refused, tmp_path):
    write(tmp_path / "n.ipynb", *TWO)
    assert "holds no pipeline yet" in refused(2, "convert", "n.ipynb", "--check")
    for verb in ("run", "verify"):
        assert "is not a pipeline's folder" in refused(2, verb, "nowhere")
    assert "is not a pipeline's folder" in refused(2, "stage", "load", "nowhere")


def test_an_output_that_git_tracks(refused, tmp_path):
    write(tmp_path / "n.ipynb", code("x = 'a'", "stage:one"), code("open('out.txt', 'w').write(x)", "stage:two"))
    (tmp_path / "out.txt").write_text("kept")
    subprocess.run("git init -q && git add out.txt", shell=True, check=True, cwd=tmp_path)
    said = refused(1, "convert", "n.ipynb", "--no-run")
    assert "stage `two` writes out.txt, which git tracks" in said and "git rm --cached out.txt" in said


@pytest.mark.parametrize(
    ("params", "said"),
    [
        ("n: [1", "params.yaml is not valid YAML"),
        ("- n", "params.yaml is not a mapping of names to values"),
        ("n: many", "parameter `n` is a whole number (3), not text ('many')"),
        ("n: [3]", "parameter `n` is a whole number (3), not a list"),
        ("\x00", "params.yaml is not valid YAML"),
    ],
)
def test_broken_parameters(params, said, refused, cli, tmp_path):
    write(tmp_path / "n.ipynb", *TWO)
    assert cli("convert", "n.ipynb", "--no-run").code == 0
    (tmp_path / "pipeline" / "params.yaml").write_text(params)
    assert said in refused(2, "convert", "n.ipynb", "--no-run")


@pytest.mark.parametrize("value", ["[1", "a: b: c", "\x00"])
def test_a_parameter_that_is_no_yaml(value, refused, tmp_path):
    """A number is read as YAML; the parameter's type comes from the pipeline's own file."""
    (tmp_path / "p").mkdir()
    (tmp_path / "p" / "params.yaml").write_text("n: 3\n")
    (tmp_path / "p" / "conversion.json").write_text('{"version": 1, "notebook": {"path": "../n.ipynb"}}')
    write(tmp_path / "n.ipynb", *TWO)
    assert "the value of `n` is not valid YAML" in refused(2, "run", "p", "-p", "n", value)


def test_a_missing_kernel(refused, tmp_path):
    write(tmp_path / "n.ipynb", *TWO, kernelspec={"name": "mine", "language": "python"})
    for extra in ([], ["--kernel", "other"]):
        said = refused(3, "convert", "n.ipynb", *extra)
        assert f"there is no kernel `{extra[-1] if extra else 'mine'}` here (installed: " in said and "python3" in said


def test_a_folder_that_cannot_be_written(refused, tmp_path, monkeypatch):
    write(tmp_path / "n.ipynb", *TWO)
    real = os.access
    monkeypatch.setattr(preflight.os, "access", lambda path, mode, **_: mode != os.W_OK and real(path, mode))
    assert "is not writable" in refused(3, "convert", "n.ipynb", "--no-run")
    assert "is read-only" in refused(3, "tag", str(untagged(tmp_path)), "--write")


def untagged(folder: Path) -> Path:
    return write(folder / "untagged.ipynb", code("import os"), code("x = os.listdir()"))


@pytest.mark.parametrize(
    ("number", "said"),
    [(errno.ENOSPC, "the disk is full"), (errno.EROFS, "not writable"), (errno.EIO, "run the command")],
)
def test_a_disk_that_refuses(number, said, refused, tmp_path, monkeypatch):
    def refuse(*_: object, **__: object) -> None:
        raise OSError(number, os.strerror(number))

    write(tmp_path / "n.ipynb", *TWO)
    monkeypatch.setattr(files.tempfile, "mkstemp", refuse)
    assert said in refused(3, "tag", str(untagged(tmp_path)), "--write")
    monkeypatch.undo()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("tempfile.TemporaryDirectory", refuse)
    assert os.strerror(number) in refused(3, "convert", "n.ipynb", "--no-run")


def test_a_disk_that_fills_up_in_the_middle_of_a_file(tmp_path, monkeypatch):
    """The old file stays whole, and no piece of the new one is left."""
    (tmp_path / "kept").write_text("old")
    monkeypatch.setattr(files.Path, "replace", lambda *_: (_ for _ in ()).throw(OSError(errno.ENOSPC, "full")))
    with pytest.raises(files.OutsideError, match="cannot write"):
        files.write_text(tmp_path / "kept", "new")
    (tmp_path / "source").write_text("new")
    with pytest.raises(files.OutsideError, match="cannot write"):
        files.move_file(tmp_path / "source", tmp_path / "kept")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["kept", "source"]
    assert (tmp_path / "kept").read_text() == "old"


def test_stopped_in_the_middle_of_a_file(tmp_path, monkeypatch):
    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(files.Path, "replace", stop)
    with pytest.raises(KeyboardInterrupt):
        files.write_text(tmp_path / "new", "text")
    assert not list(tmp_path.iterdir())


def test_a_terminal_without_arrows(tmp_path):
    """Another encoding shows `?`; it does not end the program."""
    write(tmp_path / "n.ipynb", *TWO)
    call = [sys.executable, "-m", "nb2prod", "convert", "n.ipynb", "--no-run"]
    environment = {**os.environ, "PYTHONIOENCODING": "ascii"}
    done = subprocess.run(call, cwd=tmp_path, capture_output=True, text=True, check=False, env=environment)
    assert (done.returncode, done.stderr) == (0, "")
    assert "load ? x" in done.stdout


@pytest.mark.slow
def test_a_cell_that_raises(refused, tmp_path):
    write(tmp_path / "n.ipynb", code("x = 1", "stage:one"), code("y = 0\nx / y", "stage:two"))
    said = refused(3, "convert", "n.ipynb")
    assert "cell 2 (c1) raised ZeroDivisionError: division by zero (the notebook itself" in said
    assert "Traceback" in said and "x / y" in said


@pytest.mark.slow
def test_a_cell_that_raises_with_escapes(refused, tmp_path):
    write(tmp_path / "n.ipynb", code("raise ValueError('\\x1b[31mred\\x07\\x9b31m\\u202e\\0')", "stage:one"))
    assert "raised ValueError: red" in refused(3, "convert", "n.ipynb")


@pytest.mark.slow
def test_a_missing_input_file(refused, tmp_path):
    write(
        tmp_path / "n.ipynb", code("import json", "setup"), code("x = json.load(open('data/orders.json'))", "stage:one")
    )
    said = refused(3, "convert", "n.ipynb")
    assert "cell 2 (c1) raised FileNotFoundError" in said and "data/orders.json" in said


@pytest.mark.slow
@pytest.mark.parametrize("moment", ["in the notebook", "in a stage"])
def test_stopped_with_control_c(moment, tmp_path, picture):
    """Exit code 130, nothing written, and no kernel is left running."""
    sign = tmp_path.parent / f"{tmp_path.name}-seen"
    wait = f"import pathlib, time\nwith open({str(sign)!r}, 'a') as seen: n = seen.write('x')"
    twice = "" if moment == "in the notebook" else f"if pathlib.Path({str(sign)!r}).stat().st_size > 1: "
    write(tmp_path / "n.ipynb", code(f"{wait}\n{twice}time.sleep(60)", "stage:one"), code("print(1)", "stage:two"))
    before = picture(tmp_path)
    scratch = tmp_path.parent / f"{tmp_path.name}-scratch"
    scratch.mkdir()
    # A background job of a shell ignores the signal, and so would the program that is started from it.
    ours = signal.signal(signal.SIGINT, signal.default_int_handler)
    process = subprocess.Popen(
        [sys.executable, "-m", "nb2prod", "convert", "n.ipynb"],
        cwd=tmp_path,
        env={**os.environ, "TMPDIR": str(scratch)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    signal.signal(signal.SIGINT, ours)
    wanted = 1 if moment == "in the notebook" else 2
    deadline = time.monotonic() + 60
    while not (sign.exists() and sign.stat().st_size >= wanted) and time.monotonic() < deadline:
        time.sleep(0.1)
    os.killpg(process.pid, signal.SIGINT)
    out, err = process.communicate(timeout=120)
    assert (process.returncode, out) == (130, ""), err
    assert "error: stopped; nothing half-written is left behind" in err and "Traceback" not in err
    assert picture(tmp_path) == before
    assert not [path for path in scratch.iterdir() if path.name.startswith("nb2prod-")]
    assert not kernels_of(process.pid)


def kernels_of(session: int) -> list[int]:
    """Processes that the program started and left behind."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            found += [int(entry.name)] if os.getsid(int(entry.name)) == session else []
            found += (
                [int(entry.name)]
                if f"JPY_PARENT_PID={session}" in (entry / "environ").read_text("utf-8", "replace")
                else []
            )
        except OSError:
            continue
    return found
