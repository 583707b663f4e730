"""Which programs a process starts: their names only, for a whole command may hold a password."""

from __future__ import annotations

import os
import re
import shlex
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

#: Stands for a program whose name nobody can tell.
UNKNOWN = "?"
_SHELLS = {"sh", "bash", "dash", "zsh", "ksh"}
_BETWEEN = {";", ";;", "|", "||", "|&", "&", "&&", "(", ")", "\n"}
_AGAIN = {
    "if", "then", "else", "elif", "while", "until", "do", "!", "time", "exec", "command", "sudo", "env", "nohup",
}  # fmt: skip
_BUILT_IN = {
    "", "}", ":", ".", "[", "[[", "alias", "bg", "break", "case", "cd", "continue", "declare", "done", "echo", "esac",
    "exit", "export", "false", "fg", "fi", "for", "function", "in", "let", "local", "printf", "pwd", "read", "return",
    "select", "set", "shift", "test", "trap", "true", "type", "ulimit", "umask", "unset", "wait",
}  # fmt: skip
_CALLS_ANY = {"eval", "source", "xargs", "."}
_ASSIGNMENT = re.compile(r"\w+\+?=")
_MAGIC = re.compile(r"^[ \t]*(?:[\w, \t]+=[ \t]*)?(?:!!?|%sx[ \t]|%system[ \t])(.+)$", re.MULTILINE)
_SHELL_CELL = re.compile(r"\A\s*%%(?:bash|sh|script|system|sx|!)[^\n]*\n(.*)", re.DOTALL)


def of_call(program: Any, arguments: Any) -> list[str]:
    """Return the programs that a call starts: itself, and for a shell those of its command."""
    words = [_text(word) for word in arguments] if isinstance(arguments, (list, tuple)) else [_text(arguments)]
    name = _text(program) if program else words[0]
    command = _command(words) if Path(name).name in _SHELLS else None
    return [name, *(of_command(command) if command is not None else ())]


def _command(words: Sequence[str]) -> str | None:
    """Return what follows `-c`; nothing for a shell that runs a file."""
    return next((words[at + 1] for at, word in enumerate(words[:-1]) if re.fullmatch(r"-\w*c", word)), None)


def of_command(command: str) -> list[str]:
    """Return the programs that a line for the shell names, each once, in order."""
    if re.search(r"[`{}]|\$\(|<<", command):
        return [UNKNOWN]
    lexer = shlex.shlex(command.replace("\n", " ; "), posix=True, punctuation_chars=True)
    lexer.whitespace_split = True
    try:
        return list(dict.fromkeys(_named(list(lexer))))
    except ValueError:  # a quotation that does not end
        return [UNKNOWN]


def _named(words: Sequence[str]) -> Iterator[str]:
    first = True
    for word in words:
        if word in _BETWEEN or word in _AGAIN:
            first = True
        elif first and not _ASSIGNMENT.match(word):
            first = False
            if "$" in word or word in _CALLS_ANY:
                yield UNKNOWN
            elif word not in _BUILT_IN and not set(word) <= set("<>&|"):
                yield word


def of_source(source: str) -> list[str]:
    """Return the programs that a cell's text names: `!tool`, `x = !tool`, `%%bash`."""
    cell = _SHELL_CELL.match(source)
    lines = [cell[1]] if cell else [found[1] for found in _MAGIC.finditer(source)]
    return [name for line in lines for name in of_command(line)]


def state(name: str) -> str | None:
    """Return which file a program's name stands for, its size and time of change; None where there is no such program.

    Empty where nobody can tell: the name is not known, or it lies below the working directory.
    """
    if name == UNKNOWN or (os.sep in name and not Path(name).is_absolute()):
        return ""
    path = shutil.which(name)
    if path is None:
        return None
    info = Path(path).stat()
    return f"{os.path.realpath(path)} {info.st_size} {info.st_mtime_ns}"


def _text(word: Any) -> str:
    return os.fsdecode(word) if isinstance(word, (bytes, str, os.PathLike)) else UNKNOWN
