"""Whether a stage gave what the notebook gave: variables, printed text, displayed results, files.

Numbers are compared exactly: equal fingerprints. Text is compared after what no two processes share is masked:
memory addresses, kernel file names, the counters and random ids of HTML renderings, and measured times in cells
that measure time. Where images differ, figures that were drawn from the same artists, at the same size, are the
same. Standard error is not compared: warnings appear once per process and progress bars show times.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping, Sequence

from nb2prod.pipeline.model import Stage
from nb2prod.pipeline.observation import Mark, Observation, Output, Variable
from nb2prod.pipeline.verdict import Difference, StageEvidence

_MASKS = (
    (re.compile(r"\bat 0x[0-9a-fA-F]+"), "at 0x…"),
    (re.compile(r"0x[0-9a-f]{6,16}\b"), "0x…"),
    (re.compile(r"\bobject at [0-9a-f]{8,16}\b"), "object at …"),  # IPython's `ExecutionResult`
    (re.compile(r"\.\.\.[0-9a-fx]{3,18}(?=&gt;|>)"), "…"),  # the end of an address whose beginning was cut off
    (re.compile(r"/tmp/ipykernel_\d+/\d+\.py"), "<cell>"),
    (re.compile(r"ipykernel_\d+[/\\]\d+\.py"), "<cell>"),
    (re.compile(r"\bsk-(container|estimator)-id-\d+"), r"sk-\1-id"),
    (re.compile(r"\bT_[0-9a-f]{5}"), "T_"),
    (re.compile(r"<ipython-input-\d+-[0-9a-f]+>"), "<cell>"),
)
_TIMES = re.compile(
    r"^(CPU times:|Wall time:|Compiler\s*:|.*\bper loop\b|.*\bloops? each\b|peak memory:).*$", re.MULTILINE
)
_MEASURES = re.compile(r"%%?(time|timeit|prun|memit)\b")
_IMAGES = ("image/png", "image/svg+xml")
_COMPARED = ("text/plain", "text/html", "text/markdown", "text/latex", "image/png", "image/svg+xml", "application/json")


def compare_stage(
    stage: Stage,
    observation: Observation,
    mark: Mark,
    outputs: Mapping[int, Sequence[Output]],
    sources: Mapping[int, str],
    files: Mapping[str, tuple[str | None, str | None]],
) -> StageEvidence:
    """Compare one stage's run with the observation.

    `mark`: the stage kernel's state after the user's last cell. `outputs`: the stage's outputs by the notebook's cell
    index. `sources`: those cells' text. `files`: hash per written file in (notebook, pipeline).
    """
    code = [index for index in stage.own_cells if index in observation.outputs]
    differences: list[Difference] = []
    opaque: list[str] = []
    compared = 0
    if code:
        expected = observation.mark_after(code[-1]).variables
        names = [name for name in stage.written_names if name in expected or name in mark.variables]
        for name in names:
            compared += 1
            found = _compare_variable(stage, name, expected.get(name), mark.variables.get(name), opaque)
            differences += [found] if found else []
        differences += _compare_sharing(stage, names, expected, mark.variables)
    for index in code:
        drawn = observation.mark_after(index).drawings.get(index), mark.drawings.get(index)
        texts = [
            comparable(one, sources[index], alike=drawn[0] is not None and drawn[0] == drawn[1])
            for one in (observation.outputs[index], outputs.get(index, ()))
        ]
        differences += _compare_cell(stage, index, *texts)
    for path, (notebook, pipeline) in sorted(files.items()):
        if notebook != pipeline:
            differences.append(Difference(stage.name, "file", path, _short(notebook), _short(pipeline)))
    return StageEvidence(stage.name, compared, len(code), len(files), tuple(sorted(opaque)), tuple(differences))


def _compare_variable(
    stage: Stage, name: str, old: Variable | None, new: Variable | None, opaque: list[str]
) -> Difference | None:
    if old is None or new is None:
        before, after = (one.type if one else "not there" for one in (old, new))
        return Difference(stage.name, "variable", f"`{name}`", before, after)
    if old.kind == "module" and new.kind == "module":
        return None
    if not (old.comparable and new.comparable):
        opaque.append(name)
    if (old.type.rpartition(".")[2], old.fingerprint) == (new.type.rpartition(".")[2], new.fingerprint):
        return None
    return Difference(stage.name, "variable", f"`{name}`", _describe(old), _describe(new))


def _compare_sharing(
    stage: Stage, names: Sequence[str], old: Mapping[str, Variable], new: Mapping[str, Variable]
) -> list[Difference]:
    """`b is a` must still hold."""
    both = {name for name in names if name in old and name in new}
    found: list[Difference] = []
    for name in sorted(both):
        before, after = old[name].shares & both, new[name].shares & both
        if before != after:
            texts = [f"shares with {', '.join(sorted(names)) or 'nothing'}" for names in (before, after)]
            found.append(Difference(stage.name, "variable", f"`{name}`", texts[0], texts[1]))
    return found


def _describe(value: Variable) -> str:
    return f"{value.type} {value.fingerprint[:10]}"


def _short(digest: str | None) -> str:
    return digest[:10] if digest else "not written"


def _compare_cell(
    stage: Stage, index: int, before: list[tuple[str, str]], after: list[tuple[str, str]]
) -> list[Difference]:
    if before == after:
        return []
    first = next((pair for pair in zip(before, after, strict=False) if pair[0] != pair[1]), None)
    (mime, notebook), (other_mime, pipeline) = first or (_tail(before, after), _tail(after, before))
    shown = _excerpt(mime, notebook, pipeline), _excerpt(other_mime, pipeline, notebook)
    return [Difference(stage.name, "output", f"cell {index + 1}", *shown, cell=index)]


def _tail(some: list[tuple[str, str]], other: list[tuple[str, str]]) -> tuple[str, str]:
    return some[len(other)] if len(some) > len(other) else ("nothing", "")


def _excerpt(mime: str, text: str, other: str) -> str:
    """Where it starts to differ."""
    if mime == "nothing":
        return "shows nothing"
    start = next((i for i, (a, b) in enumerate(zip(text, other, strict=False)) if a != b), min(len(text), len(other)))
    piece = text[max(0, start - 20) : start + 40].replace("\n", "⏎")
    return f"{mime} …{piece}…"


def comparable(outputs: Sequence[Output], source: str, *, alike: bool = False) -> list[tuple[str, str]]:
    """What a cell showed: printed text as one piece, then what is displayed, in the forms that matter, masked.

    `alike`: the cell drew the same artists, so that of an image only the size counts.
    """
    measured = _MEASURES.search(source) is not None
    printed = "".join(text for output in outputs if output.kind == "stdout" for _, text in output.data)
    text = _masked(printed, measured)
    text = text.strip() if measured else text
    found = [("text", text)] if text else []
    for output in outputs:
        if output.kind in ("display", "result", "error"):
            found += [
                (mime, _image_size(text) if alike and mime in _IMAGES else _masked(text, measured))
                for mime, text in output.data
                if mime in _COMPARED
            ]
    return found


def _image_size(text: str) -> str:
    """Width and height in a PNG's header; nothing for a drawing in SVG."""
    header = base64.b64decode(text[:32]) if text.startswith("iVBOR") else b""
    return header[16:24].hex()


def _masked(text: str, measured: bool) -> str:
    for pattern, mask in _MASKS:
        text = pattern.sub(mask, text)
    return _TIMES.sub("", text) if measured else text
