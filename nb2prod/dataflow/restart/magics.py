"""What magics do to the namespace."""

from __future__ import annotations

import ast
import re
from itertools import pairwise

from nb2prod.dataflow.magics import PRIVATE_SCOPE, RUNNERS, SHOWS, runner_body
from nb2prod.dataflow.restart.events import Anything, Bind, Event, Reset, Unbind
from nb2prod.notebook.parse import CellMagic

PRIVATE = PRIVATE_SCOPE
__all__ = ["PRIVATE", "RUNNERS", "call_of", "cell_events", "line_events", "statements_in"]
# Bind any name.
_ANYTHING = {"run", "pylab", "rerun", "recall", "edit", "ed", "load", "loadpy", "paste", "cpaste"}
# Bind none, whatever their line says.
_NOTHING = {
    "HTML", "SVG", "aimport", "alias", "autoawait", "autocall", "automagic", "autoreload", "autosave", "black",
    "bookmark", "capture", "cat", "cd", "clear", "cls", "code_wrap", "colors", "conda", "config", "connect_info",
    "cp", "debug", "dirs", "doctest_mode", "env", "file", "gui", "hist", "history", "html", "javascript", "js",
    "killbgscripts", "lab_black", "latex", "less", "ll", "load_ext", "logoff", "logon", "logstart", "logstop",
    "lprun", "ls", "lsmagic", "magic", "mamba", "man", "markdown", "matplotlib", "memit", "mermaid", "mkdir", "more",
    "mprun", "mv", "nb_black", "notebook", "page", "pdb", "pdoc", "perl", "pfile", "pinfo", "pinfo2", "pip", "popd",
    "precision", "prun", "psource", "pushd", "pwd", "pycat", "qtconsole", "quickref", "reload_ext", "reset_selective",
    "rm", "rmdir", "ruby", "save", "sc", "scalene", "set_env", "skip", "snakeviz", "svg", "sx", "system", "tb",
    "tensorboard", "tensorflow_version", "time", "timeit", "unalias", "unload_ext", "uv", "watermark", "who",
    "who_ls", "whos", "writefile", "xdel", "xmode",
}  # fmt: skip
_CALLED = ("run_line_magic", "run_cell_magic")
_SHELLS = {"bash", "sh", "script", "cmd", "powershell", "!", "sx", "system", "python2"}
_IDENTIFIER = re.compile(r"(?<![\w.])[A-Za-z_]\w*")


def call_of(node: ast.AST) -> tuple[str, str, str | None] | None:
    """(name, line, body) of a magic that IPython's transformer made a call of; the body is a cell magic's."""
    if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in _CALLED):
        return None
    texts = [one.value for one in node.args if isinstance(one, ast.Constant) and isinstance(one.value, str)]
    if node.func.attr == "run_line_magic" and texts:
        return texts[0], texts[1] if len(texts) > 1 else "", None
    if node.func.attr == "run_cell_magic" and len(texts) == 3:
        return texts[0], texts[1], texts[2]
    return None


def is_automagic(body: list[ast.stmt]) -> bool:
    """A cell that is one bare word which IPython takes for a magic: `ls`, `pwd`."""
    match body:
        case [ast.Expr(value=ast.Name(id=name))]:
            return is_magic_word(name)
    return False


def is_magic_word(word: str) -> bool:
    """Whether a line that begins with this word may be a magic without its `%`."""
    return word in _NOTHING | _ANYTHING


def statements_in(line: str) -> list[ast.stmt]:
    """The code that `%time` and its like run."""
    return list(runner_body(line)[0])


def line_events(name: str, line: str, body: str | None = None) -> list[Event]:
    """What a magic does, but for the code that it runs."""
    words = line.split()
    if name in _ANYTHING:
        return [Anything()]
    if name == "reset":
        return [Reset()] if "-f" in words else []
    if name == "xdel":
        return [Unbind(word) for word in words if word.isidentifier()]
    if name == "store":
        return _restored(words)
    if name in _NOTHING or name in _SHELLS:
        return [Bind(word) for word in _outputs(name, words)]
    return [Bind(word) for word in dict.fromkeys(_IDENTIFIER.findall(f"{line}\n{body or ''}"))]


def cell_events(magic: CellMagic, body: str) -> list[Event]:
    """What a cell magic on top does, but for its Python body."""
    plain = magic.python or magic.name in SHOWS
    return line_events(magic.name, magic.line, None if plain else body)


def _restored(words: list[str]) -> list[Event]:
    if "-r" not in words:
        return []
    names = [word for word in words if word.isidentifier()]
    return [Bind(name) for name in names] or [Anything()]


def _outputs(name: str, words: list[str]) -> list[str]:
    """`%%capture out`, `%%bash --out lines --err problems`."""
    if name == "capture":
        return [word for word in words if word.isidentifier()]
    return [after for word, after in pairwise(words) if word in ("--out", "--err", "--proc") and after.isidentifier()]
