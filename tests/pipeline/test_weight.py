"""What is heavy to move, and what is proposed instead."""

from __future__ import annotations

import pytest

from nb2prod.pipeline.model import Artifact, Stage
from nb2prod.pipeline.weight import heavy, sentence

MB = 10**6
FRAME = Artifact(("frame",), "load", "parquet", stored=600 * MB, made_in=(1,))
GROUP = Artifact(("a", "b"), "load", "pickle", stored=300 * MB, made_in=(2,))


def _stages(*consumers: tuple[str, tuple[Artifact, ...]]) -> tuple[Stage, ...]:
    made = Stage("load", ("load",), (), (1, 2), (), (FRAME, GROUP), (), (), (), ())
    return (made, *(Stage(name, (name,), (), (3,), inputs, (), (), (), (), ()) for name, inputs in consumers))


@pytest.mark.parametrize(
    ("consumers", "seconds", "said"),
    [
        pytest.param(
            (("train", (FRAME,)),),
            {1: 2.0, 2: 0.0},
            "from load to train: 600 MB to write; moving `frame` takes about 10 s, making it took 2.0 s: remove the tag "
            "`stage:train`, and both are one stage, or tag what makes it `setup`, and each stage makes it itself",
            id="cheap to make",
        ),
        pytest.param((("train", (FRAME,)),), {1: 30.0}, "from load to train: 600 MB to write", id="costly to make"),
        pytest.param((("train", (FRAME,)),), {}, "from load to train: 600 MB to write", id="nobody knows"),
        pytest.param(
            (("clean", (GROUP,)), ("train", (FRAME, GROUP))),
            {1: 2.0, 2: 8.0},
            "from load to clean: 300 MB to write|from load to train: 900 MB to write; moving `frame, a, b` takes about "
            "15 s, making it took 10.0 s: tag what makes it `setup`, and each stage makes it itself",
            id="not the next stage",
        ),
        pytest.param((("train", ()),), {1: 2.0}, "", id="nothing crosses"),
    ],
)
def test_what_is_said(consumers, seconds, said):
    assert "|".join(map(sentence, heavy(_stages(*consumers), seconds))) == said


def test_what_is_light_is_not_said():
    assert heavy(_stages(("train", (FRAME,))), {1: 2.0}, least=601 * MB) == ()
