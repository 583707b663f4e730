"""The real command line in this process, and a picture of a folder to compare with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from nb2prod.cli import main

Picture = dict[str, tuple[bytes | None, int]]


@dataclass(frozen=True)
class Answer:
    """What a command gave."""

    code: int
    out: str
    err: str


@pytest.fixture
def cli(capsys, tmp_path, monkeypatch) -> Callable[..., Answer]:
    """`cli(*arguments)` calls the program in this process, in the test's folder."""
    monkeypatch.chdir(tmp_path)

    def call(*arguments: object) -> Answer:
        capsys.readouterr()
        try:
            main([str(one) for one in arguments])
            code = 0
        except SystemExit as left:
            code = int(left.code or 0)
        out, err = capsys.readouterr()
        return Answer(code, out, err)

    return call


@pytest.fixture
def picture() -> Callable[[Path], Picture]:
    """Every file's bytes and mode below a folder."""

    def take(folder: Path) -> Picture:
        return {
            path.relative_to(folder).as_posix(): (path.read_bytes() if path.is_file() else None, path.stat().st_mode)
            for path in sorted(folder.rglob("*"))
        }

    return take


@pytest.fixture
def refused(cli, picture, tmp_path) -> Callable[..., str]:
    """`refused(code, *arguments)`: the command ends so, says why and what to do, and changes nothing."""

    def check(code: int, *arguments: object) -> str:
        before = picture(tmp_path)
        answer = cli(*arguments)
        assert (answer.code, answer.out) == (code, ""), answer
        assert picture(tmp_path) == before
        assert "error: " in answer.err and "\nhint: " in answer.err, answer.err
        assert "internal error" not in answer.err and "/nb2prod/" not in answer.err
        assert not [letter for letter in answer.err if ord(letter) < 32 and letter not in "\n\t"]
        assert not [letter for letter in answer.err if 127 <= ord(letter) < 160 or letter in "\u202e\u2066"]
        return answer.err

    return check
