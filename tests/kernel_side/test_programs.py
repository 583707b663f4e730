"""Which programs a call or a cell starts, by name."""

from __future__ import annotations

import runpy

import pytest

from .conftest import TEMPLATES

PROGRAMS = runpy.run_path(str(TEMPLATES / "kernel" / "programs.py"))


@pytest.mark.parametrize(
    ("command", "names"),
    [
        ("tool --in a.csv > out.txt", "tool"),
        ("A=1 tool | sort -u && other; cd x", "tool sort other"),
        ("if true; then tool 'a; b'; fi", "tool"),
        ("(tool; other) & third", "tool other third"),
        ("time tool", "tool"),
        ("cd data\ntool\n", "tool"),
        ("echo hello 2>&1", ""),
        ("$TOOL x", "?"),
        ("tool $(other)", "?"),
        ("tool `other`", "?"),
        ("for f in *.csv; do tool $f; done", "tool"),
        ("ls | xargs tool", "ls ?"),
        ("tool 'unfinished", "?"),
        ("{tool} x", "?"),
        ("/opt/tool/run x", "/opt/tool/run"),
    ],
)
def test_a_line_for_the_shell(command, names):
    assert PROGRAMS["of_command"](command) == names.split()


@pytest.mark.parametrize(
    ("program", "arguments", "names"),
    [
        (None, ["tool", "x"], "tool"),
        ("tool", ["tool", "x"], "tool"),
        ("/bin/sh", ["/bin/sh", "-c", "tool | sort"], "/bin/sh tool sort"),
        ("bash", ["bash", "-ec", "tool"], "bash tool"),
        ("bash", ["bash", "script.sh"], "bash"),
        (b"/usr/bin/tool", [b"tool"], "/usr/bin/tool"),
        (None, "tool", "tool"),
    ],
)
def test_a_call(program, arguments, names):
    assert PROGRAMS["of_call"](program, arguments) == names.split()


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("!tool a\nx = !other b\ny = 1", "tool other"),
        ("%%bash\nset -e\ntool a\nother", "tool other"),
        ("x = a != b\nprint('!no')", ""),
        ("  !!tool", "tool"),
        ("%sx tool", "tool"),
    ],
)
def test_a_cell(source, names):
    assert PROGRAMS["of_source"](source) == names.split()


def test_what_a_name_stands_for(tmp_path, monkeypatch):
    state = PROGRAMS["state"]
    monkeypatch.setenv("PATH", str(tmp_path / "a") + ":" + str(tmp_path / "b"))
    assert state("tool") is None
    for folder, text in (("b", "#!/bin/sh\n"), ("a", "#!/bin/sh\n#\n")):
        (tmp_path / folder).mkdir(exist_ok=True)
        before = state("tool")
        (tmp_path / folder / "tool").write_text(text)
        (tmp_path / folder / "tool").chmod(0o755)
        assert state("tool") not in (before, None)
    assert state("?") == state("./tool") == ""
