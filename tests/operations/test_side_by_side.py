"""Which stage may start next, as tables; and that errors and order are kept when stages run in threads."""

from __future__ import annotations

import threading

import pytest

from nb2prod.adapters.reproduction import Step
from nb2prod.operations.side_by_side import has_room, next_step, run_side_by_side


def steps(text: str) -> list[Step]:
    """`b<a` is stage b, which needs a."""
    pairs = (word.partition("<") for word in text.split())
    return [Step(name, frozenset(needs)) for name, _, needs in pairs]


@pytest.mark.parametrize(
    ("plan", "done", "running", "jobs", "next_one"),
    [
        ("a b<a", "", "", 2, "a"),
        ("a b<a", "", "a", 2, None),
        ("a b<a", "a", "", 2, "b"),
        ("a b c", "", "a", 2, "b"),
        ("a b c", "", "ab", 2, None),
        ("a b<a c", "", "a", 2, "c"),
        ("a b<a c", "", "a", 1, None),
        ("a b<a c<a d<bc", "ac", "b", 4, None),
        ("a b<a c<a d<bc", "abc", "", 4, "d"),
        ("a b", "ab", "", 2, None),
    ],
)
def test_the_first_stage_whose_needs_are_done(plan, done, running, jobs, next_one):
    found = next_step(steps(plan), set(done), set(running), jobs, lambda step, others: True)
    assert (found.name if found else None) == next_one


@pytest.mark.parametrize(
    ("running", "available", "next_one"),
    [("", 10, "a"), ("a", 149, None), ("a", 150, "b"), ("c", 10_000, None)],
    ids=["alone, always", "too little for both", "enough for both", "one of unknown size counts for half a gigabyte"],
)
def test_memory_holds_back_all_but_the_first(running, available, next_one):
    room = has_room(lambda: available, {"a": 100, "b": 50})
    found = next_step(steps("a b c"), set(), set(running), 2, room)
    assert (found.name if found else None) == next_one


def test_one_stage_at_a_time_has_the_gpu():
    room = has_room(lambda: 10**12, {}, lambda name: name in "ab")
    assert next_step(steps("a b"), set(), {"a"}, 2, room) is None
    assert next_step(steps("a b c"), set(), {"a"}, 2, room).name == "c"
    assert next_step(steps("a b"), set(), {"c"}, 2, room).name == "a"


def run(plan: str, fail: str = "", jobs: int = 2) -> tuple[list[str], BaseException | None]:
    order: list[str] = []
    guard = threading.Lock()

    def reproduce(step: Step) -> None:
        with guard:
            order.append(step.name)
        if step.name in fail:
            raise ValueError(step.name)

    error = run_side_by_side(steps(plan), reproduce, jobs=jobs, room=lambda *_: True, stop=lambda: None)
    return order, error


def test_all_run_and_one_alone_keeps_the_order():
    assert run("a b<a c<a d<bc", jobs=1) == (["a", "b", "c", "d"], None)
    assert sorted(run("a b<a c<a d<bc", jobs=3)[0]) == ["a", "b", "c", "d"]


def test_after_an_error_nothing_starts():
    order, error = run("a b<a c<a", fail="b", jobs=1)
    assert order == ["a", "b"]
    assert str(error) == "b"


def test_two_are_at_work_at_once():
    both = threading.Barrier(2, timeout=10)
    assert (
        run_side_by_side(
            steps("a b"), lambda step: both.wait() and None, jobs=2, room=lambda *_: True, stop=lambda: None
        )
        is None
    )
