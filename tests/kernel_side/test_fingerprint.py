from __future__ import annotations

import functools
import io
import threading
import types

import numpy as np
import pandas as pd
import pytest

from .values import VALUES, Point

NAN = float("nan")


def shared_list():
    inner = [1]
    return [inner, inner]


def adder(step):
    return lambda value: value + step


def defined(source, name, module="__main__"):
    """A function or class as a notebook cell, or a module of the package, would define it."""
    namespace = {"__name__": module}
    exec(compile(source, f"<{module}>", "exec"), namespace)
    return namespace[name]


def attributed(**attributes):
    value = Point(1.0)
    value.__dict__.update(attributes)
    return value


def framed(values, **options):
    return pd.DataFrame({"a": values}, **options)


DIFFERENT = {
    "bool and int": (True, 1),
    "int and float": (1, 1.0),
    "zero's sign": (0.0, -0.0),
    "text and bytes": ("a", b"a"),
    "list and tuple": ([1], (1,)),
    "order of keys": ({"a": 1, "b": 2}, {"b": 2, "a": 1}),
    "split of texts": (["ab", "c"], ["a", "bc"]),
    "keys or values": ({"a": [1]}, {"a": 1}),
    "nesting": ([[1], 2], [[1, 2]]),
    "sharing": (shared_list(), [[1], [1]]),
    "set and frozenset": ({1}, frozenset({1})),
    "elements": ({(1, "a")}, {(1, "b")}),
    "NumPy and Python": (np.float64(1), 1.0),
    "dtype": (np.zeros(2, "f4"), np.zeros(2, "f8")),
    "shape": (np.zeros((2, 3)), np.zeros((3, 2))),
    "object array": (np.array([None], object), np.array([NAN], object)),
    "array and view": ([(a := np.zeros(3)), a[1:]], [np.zeros(3), np.zeros(2)]),
    "masked": (np.ma.array([1, 2], mask=[0, 1]), np.ma.array([1, 2], mask=[0, 0])),
    "generator's place": (np.random.default_rng(0), (lambda g: (g.random(), g)[1])(np.random.default_rng(0))),
    "missing cell": (framed(pd.Series([None], dtype=object)), framed(pd.Series([NAN], dtype=object))),
    "text storage": (framed(["a"]), framed(pd.Series(["a"], dtype=object))),
    "labels' type": (pd.DataFrame({1: [1]}), pd.DataFrame({"1": [1]})),
    "index name": (framed([1]), framed([1], index=pd.RangeIndex(1, name="i"))),
    "index kind": (framed([1]), framed([1], index=pd.Index([0]))),
    "freq": (pd.date_range("2020", periods=2), pd.DatetimeIndex(["2020-01-01", "2020-01-02"])),
    "categories": (pd.Categorical(["a"]), pd.Categorical(["a"], categories=["a", "b"])),
    "order of categories": (pd.Categorical(["a"]), pd.Categorical(["a"], ordered=True)),
    "series name": (pd.Series([1], name="a"), pd.Series([1])),
    "null or zero": (pd.array([0], dtype="Int64"), pd.array([None], dtype="Int64")),
    "time zone": (pd.Timestamp("2020", tz="UTC"), pd.Timestamp("2020")),
    "attribute": (attributed(), attributed(y=1)),
    "closure": (adder(1), adder(2)),
    "body": (defined("def f(x): return x + 1", "f"), defined("def f(x): return x + 2", "f")),
    "default": (defined("def f(x=1): return x", "f"), defined("def f(x=2): return x", "f")),
    "method's object": (["a"].append, ["b"].append),
    "partial": (functools.partial(int, base=2), functools.partial(int, base=3)),
}

EQUAL = {
    "NaN payloads": (NAN, -NAN),
    "NaN payloads in arrays": (np.array([NAN]), np.array([-NAN])),
    "equal texts": (["ab", "ab"], ["".join(["a", "b"]), "".join(["a", "b"])]),
    "memory layout": (np.arange(6).reshape(2, 3), np.asfortranarray(np.arange(6).reshape(2, 3))),
    "strides": (np.arange(4)[::2], np.array([0, 2])),
    "disjoint views": ([(a := np.arange(4.0))[:2], a[2:]], [np.array([0.0, 1.0]), np.array([2.0, 3.0])]),
    "behind a mask": (
        pd.arrays.IntegerArray(np.array([1, 7]), np.array([False, True])),
        pd.arrays.IntegerArray(np.array([1, 9]), np.array([False, True])),
    ),
    "chunks": (pd.concat([framed(["a"]), framed(["b", None])], ignore_index=True), framed(["a", "b", None])),
    "slices": (framed(["x", "a", "b"])[1:].reset_index(drop=True), framed(["a", "b"])),
    "where code stands": (defined("def f(x): return x", "f"), defined("\n\n\ndef f(x): return x", "f")),
    "lifted code": (defined("def f(x): return x", "f"), defined("def f(x): return x", "f", "churn.features")),
    "lifted class": (defined("class A: pass", "A"), defined("class A: pass", "A", "churn.features")),
    "shared immutable": ([(d := pd.Timestamp("2020")), d], [pd.Timestamp("2020"), pd.Timestamp("2020")]),
}


@pytest.mark.parametrize("name", DIFFERENT)
def test_different_values_differ(stage, name):
    one, other = DIFFERENT[name]
    assert stage.fingerprint(one) != stage.fingerprint(other)


@pytest.mark.parametrize("name", EQUAL)
def test_equal_values_agree(stage, name):
    one, other = EQUAL[name]
    assert stage.fingerprint(one) == stage.fingerprint(other)


def test_every_example_has_a_fingerprint_of_its_own(stage):
    prints = {name: stage.fingerprint(make()) for name, (make, _) in VALUES.items()}
    twins = {"array", "fortran"}  # layout does not count
    assert len(set(prints.values())) == len(prints) - len(twins) + 1


def test_the_order_of_attributes_counts_in_the_notebooks_own_objects_only(stage):
    own = defined("class Own: pass", "Own")
    pairs = []
    for make in (lambda: Point(1.0), own):
        one, other = make(), make()
        one.__dict__ |= {"a": 1, "b": 2}
        other.__dict__ |= {"b": 2, "a": 1}
        pairs.append(stage.fingerprint(one) == stage.fingerprint(other))
    assert pairs == [True, False]


def test_a_function_may_call_itself(stage):
    def outer():
        def inner(n):
            return inner(n - 1) if n else 0

        return inner

    assert stage.fingerprint(outer()) == stage.fingerprint(outer())


class Node:
    def __init__(self):
        self.next = None
        self.neighbours = set()


def test_a_long_chain_is_walked_without_recursion(stage):
    head = node = Node()
    for _ in range(50_000):
        node.next = Node()
        node = node.next
    before = stage.fingerprint(head)
    node.next = "end"
    assert stage.fingerprint(head) != before


def test_a_deep_nest_of_tuples_that_share_is_walked_once(stage):
    value = ([],)
    for _ in range(200):
        value = (value, value)
    assert stage.fingerprint(value)


def test_sets_of_objects_that_hold_one_another_end(stage):
    def ring(size):
        nodes = [Node() for _ in range(size)]
        for place, node in enumerate(nodes):
            node.next = place
            node.neighbours = {nodes[place - 1], nodes[(place + 1) % size]}
        return nodes

    assert stage.fingerprint(ring(12)) == stage.fingerprint(ring(12))
    assert stage.fingerprint(ring(12)) != stage.fingerprint(ring(13))


class Refuses:
    def __reduce_ex__(self, protocol):
        raise RuntimeError("no")


class HasLock:
    def __init__(self):
        self.lock = threading.Lock()
        self.name = "a"


def _generator():
    yield 1


@pytest.mark.parametrize("make", [Refuses, _generator, threading.Lock, lambda: iter([1])])
def test_what_cannot_be_looked_at_is_opaque(stage, make):
    walk = stage.Walk(make())
    assert walk.opaque
    assert walk.fingerprint == stage.Walk(make()).fingerprint


def test_a_part_that_is_opaque_leaves_the_rest_visible(stage):
    one, other = HasLock(), HasLock()
    other.name = "b"
    assert not stage.Walk(one).opaque
    assert stage.fingerprint(one) != stage.fingerprint(other)


def test_a_generator_is_not_advanced(stage):
    generator = _generator()
    stage.fingerprint([generator, map(str, generator)])
    assert next(generator) == 1


def test_figures_are_opaque(stage):
    figure = pytest.importorskip("matplotlib.figure").Figure()
    assert stage.Walk(figure).opaque


def test_the_notebooks_own_names_are_listed(stage):
    make = defined("class A: pass\nclass B(A): pass", "B")
    assert stage.Walk({"k": [make()]}).own == {"B"}


def _sharing(stage, one, other):
    return bool(stage.shared_objects(one) & stage.shared_objects(other))


class Held:
    pass


def _closures():
    state = []
    return (lambda: state.append(1)), (lambda: state)


def _shared_pairs():
    items, array, held, frame = [1], np.arange(4.0), Held(), framed([[1], [2]])
    lock = np.random.default_rng(0)
    held.items = items
    return {
        "container": (items, {"k": items}),
        "attribute": (held, items),
        "view": (array, array[1:]),
        "disjoint views": (array[:2], array[2:]),
        "method": (items.append, items),
        "closures": _closures(),
        "cells": (frame, frame.copy()),
        "generator": (lock, [lock]),
        "element of a set": ({held}, held),
    }


def _apart_pairs():
    text, moment, frame = "a" * 100, pd.Timestamp("2020"), framed([1, 2])
    series = frame["a"]
    return {
        "texts": ([text], [text]),
        "tuples": ((1, text), (1, text)),
        "moments": ([moment], [moment]),
        "frames": (frame, frame[:1]),
        "columns": (frame, series),
        "index": (frame.index, frame),
        "classes": ([Held], [Held]),
        "modules": ([np], [np]),
        "functions": ([framed], [framed]),
        "dtypes": (np.dtype("f8"), [np.dtype("f8")]),
        "global generator": ([np.random.mtrand._rand], [np.random.mtrand._rand]),
        "equal instances": (Held(), Held()),
    }


@pytest.mark.parametrize("name", _shared_pairs())
def test_shared_state_is_found(stage, name):
    assert _sharing(stage, *_shared_pairs()[name])


@pytest.mark.parametrize("name", _apart_pairs())
def test_what_is_immutable_or_global_is_not_shared_state(stage, name):
    assert not _sharing(stage, *_apart_pairs()[name])


def test_looking_changes_nothing(stage):
    value = types.SimpleNamespace(buffer=io.StringIO("text"), masked=np.ma.array([1.0, 2.0]))
    value.buffer.seek(2)
    stage.fingerprint(value)
    assert value.buffer.tell() == 2
    assert value.masked._fill_value is None


def test_nothing_heavy_is_imported_for_plain_values(run_python):
    code = "import sys\n_stage.write_pickle([1, {'a'}], 'v.pkl')\nprint([m for m in ('numpy', 'pandas') if m in sys.modules])"
    assert run_python(code).strip() == "[]"


STATEFUL = """
class Model:
    def __init__(self, cache):
        self.cache = cache
    def __getstate__(self):
        return {}
"""


def test_what_a_class_of_ones_own_leaves_out_of_its_pickle_counts(stage):
    kind = defined(STATEFUL, "Model")
    assert stage.fingerprint(kind([1])) != stage.fingerprint(kind([2]))
    assert stage.fingerprint(kind([1])) == stage.fingerprint(kind([1]))


def test_values_that_name_the_projects_folder_are_told(stage, monkeypatch):
    from pathlib import Path

    monkeypatch.setattr(stage, "ROOT", "/home/me/project")
    placed = [
        "/home/me/project/a",
        ["x", "/home/me/project"],
        {"p": Path("/home/me/project") / "a"},
        (Path("/home/me/project"),),
    ]
    assert [stage.Walk(value).placed for value in placed] == [True] * 4
    assert [stage.Walk(value).placed for value in ("a", ["/home/you"], Path("project"))] == [False] * 3


@pytest.mark.parametrize(
    "name", ["botocore.client.BaseClient", "botocore.response.StreamingBody", "boto3.session.Session"]
)
def test_a_way_to_a_store_is_known_by_its_type(stage, name):
    """Two clients of one store hold other locks, times and ids; they lead to the same."""
    module, _, kind = name.rpartition(".")
    base = type(kind, (), {"__module__": module})
    client = type("S3", (base,), {"__module__": "botocore.client"})
    one, other = client(), client()
    one.number, other.number = 1, 2
    assert stage.fingerprint(one) == stage.fingerprint(other)
    assert stage.fingerprint([one]) == stage.fingerprint([other])
