"""What is the same although two processes never agree on it, and what is not."""

from __future__ import annotations

import base64
from dataclasses import replace

import pytest

from nb2prod.pipeline.compare import compare_stage
from nb2prod.pipeline.model import Stage
from nb2prod.pipeline.observation import Mark, Observation, Output, Variable

from .notebooks import observed, variable

STAGE = Stage("a", ("a",), (), (0,), (), (), (), (), (), (), written_names=("x", "y"))


def printed(text: str) -> tuple[Output, ...]:
    return (Output("stdout", (("text/plain", text),)),)


def shown(mime: str, text: str) -> tuple[Output, ...]:
    return (Output("result", ((mime, text),)),)


def differences(
    old: tuple[Output, ...] = (),
    new: tuple[Output, ...] = (),
    source: str = "x",
    before: tuple[Variable, ...] = (),
    after: tuple[Variable, ...] = (),
    files: dict[str, tuple[str | None, str | None]] | None = None,
    drawn: tuple[str, str] | None = None,
) -> list[str]:
    run = observed(("0", list(before)))
    drawings = [{0: (one,)} for one in drawn] if drawn else [{}, {}]
    marks = tuple(replace(one, drawings=drawings[0]) for one in run.marks)
    run = Observation(run.start, marks, {0: old}, {})
    mark = Mark((0,), {one.name: one for one in after}, {}, {}, drawings=drawings[1])
    evidence = compare_stage(STAGE, run, mark, {0: new}, {0: source}, files or {})
    return [f"{one.what} {one.name}" for one in evidence.differences]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("<f at 0x7f0012ab>", "<f at 0x7f99ffee>"),
        ("/tmp/ipykernel_12/345.py:1: Warning", "/tmp/ipykernel_99/876.py:1: Warning"),
        ("sk-container-id-1", "sk-container-id-7"),
        ("#T_1a2b3 th", "#T_9f8e7 th"),
        ("<ipython-input-3-abcdef>", "<ipython-input-5-fedcba>"),
    ],
)
def test_masked(old: str, new: str) -> None:
    assert differences(printed(old), printed(new)) == []


@pytest.mark.parametrize(("old", "new"), [("0.1", "0.10000001"), ("a", ""), ("", "a"), ("a\nb", "a b"), ("0x1", "0x2")])
def test_not_masked(old: str, new: str) -> None:
    assert differences(printed(old), printed(new)) == ["output cell 1"]


def test_measured_times_are_masked_only_where_time_is_measured() -> None:
    old, new = printed("CPU times: 1 s\nWall time: 2 s\n3"), printed("CPU times: 2 s\nWall time: 9 s\n3")
    assert differences(old, new, source="%%time\nx") == []
    assert differences(old, new, source="x") == ["output cell 1"]


def test_chunks_of_printed_text_do_not_matter() -> None:
    assert differences(printed("a\n") + printed("b\n"), printed("a\nb\n")) == []


def test_standard_error_and_unknown_forms_are_not_compared() -> None:
    assert differences((Output("stderr", (("text/plain", "10%"),)),), ()) == []
    assert differences(shown("application/vnd.x", "1"), shown("application/vnd.x", "2")) == []
    assert differences(shown("text/html", "1"), shown("text/html", "2")) == ["output cell 1"]


def test_variables_by_fingerprint_type_and_sharing() -> None:
    x, y = variable("x", "1"), variable("y", "2")
    assert differences(before=(x, y), after=(x, y)) == []
    assert differences(before=(x,), after=(variable("x", "2"),)) == ["variable `x`"]
    assert differences(before=(x,), after=(variable("x", "1", type="builtins.tuple"),)) == ["variable `x`"]
    assert differences(before=(x,), after=()) == ["variable `x`"]
    shared = (variable("x", "1", shares="y"), variable("y", "2", shares="x"))
    assert differences(before=shared, after=(x, y)) == ["variable `x`", "variable `y`"]


def test_a_class_moved_to_the_package_is_the_same_class() -> None:
    old = variable("x", "1", type="__main__.Model")
    assert differences(before=(old,), after=(variable("x", "1", type="work.a.Model"),)) == []


def test_files_by_their_hash() -> None:
    assert differences(files={"a.csv": ("1", "1")}) == []
    assert differences(files={"a.csv": ("1", None), "b.csv": ("1", "2")}) == ["file a.csv", "file b.csv"]


def _png(size: int, pixels: bytes) -> tuple[Output, ...]:
    header = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + size.to_bytes(4, "big") * 2
    return shown("image/png", base64.b64encode(header + pixels).decode())


@pytest.mark.parametrize(
    ("new", "drawn", "expected"),
    [
        (_png(9, b"abc"), None, []),
        (_png(9, b"abd"), None, ["output cell 1"]),
        (_png(9, b"abd"), ("one", "one"), []),
        (_png(9, b"abd"), ("one", "two"), ["output cell 1"]),
        (_png(8, b"abc"), ("one", "one"), ["output cell 1"]),
        ((), ("one", "one"), ["output cell 1"]),
    ],
)
def test_images_that_differ_are_compared_as_drawings(
    new: tuple[Output, ...], drawn: tuple[str, str] | None, expected: list[str]
) -> None:
    assert differences(_png(9, b"abc"), new, drawn=drawn) == expected
