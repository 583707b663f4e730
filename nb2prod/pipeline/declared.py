"""The line of a stage's notebook that names the project's files which the stage may open."""

from __future__ import annotations

import json
import posixpath
import re
from collections.abc import Mapping

from nb2prod.pipeline.model import File, Layout, Stage

_PARAMETER = re.compile(r"\$\{(\w+)\}")
_WIDTH = 110


def only_files(layout: Layout, stage: Stage, values: Mapping[str, object]) -> str:
    """The line, the same at all values of the parameters. `values`: those parameters, which paths may hold."""
    given = {
        name: [_literal(path, values) for path in sorted(_from_kernel(layout, file) for file in files)]
        for name, files in (("reads", stage.reads), ("writes", stage.writes))
        if files
    }
    root = layout.from_notebook(".")
    last = [] if root == "." else [f"root={json.dumps(root, ensure_ascii=False)}"]
    line = ", ".join([*(f"{name}=[{', '.join(paths)}]" for name, paths in given.items()), *last])
    if len(line) <= _WIDTH:
        return f"_stage.only_files({line})"
    lists = [f"{name}=[\n{_indented(paths, 8)}    ]" for name, paths in given.items()]
    return f"_stage.only_files(\n{_indented([*lists, *last], 4)})"


def _indented(parts: list[str], blanks: int) -> str:
    return "".join(f"{' ' * blanks}{part},\n" for part in parts)


def holds_parameters(stage: Stage, values: Mapping[str, object]) -> bool:
    """Whether a path of the stage's depends on a parameter."""
    return any(name in values for file in (*stage.reads, *stage.writes) for name in _PARAMETER.findall(file.path))


def _from_kernel(layout: Layout, file: File) -> str:
    return file.path if posixpath.isabs(file.path) else layout.from_kernel(file.path)


def _literal(path: str, values: Mapping[str, object]) -> str:
    """Python's text for the path: `"data/a.csv"`, `f"out/{name}.csv"`, or the parameter itself."""
    parts = _PARAMETER.split(path)  # text, name, text, name, …, text
    if not any(name in values for name in parts[1::2]):
        return json.dumps(path, ensure_ascii=False)
    if len(parts) == 3 and parts[0] == parts[2] == "" and isinstance(values[parts[1]], str):
        return parts[1]
    return f'f"{"".join(_piece(part, number % 2 == 1, values) for number, part in enumerate(parts))}"'


def _piece(part: str, is_name: bool, values: Mapping[str, object]) -> str:
    if is_name and part in values:
        return f"{{{part}}}"
    text = f"${{{part}}}" if is_name else part
    return json.dumps(text, ensure_ascii=False)[1:-1].replace("{", "{{").replace("}", "}}")
