from __future__ import annotations

import gc
import json
import os
import random
import re
import socket
import sys
import threading
import types
from decimal import Decimal
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from .values import VALUES

_SUFFIX = {"parquet": "parquet", "column": "parquet", "npy": "npy", "json": "json", "pickle": "pkl"}

_WRITE_ALL = f"""
import hashlib, json, pathlib, sys
sys.path.insert(0, {str(Path(__file__).parents[1])!r})
from kernel_side.values import VALUES
found = {{}}
for name, (make, key) in VALUES.items():
    value = make()
    write, read = getattr(_stage, f"write_{{key}}"), getattr(_stage, f"read_{{key}}")
    write(value, "one")
    first = pathlib.Path("one").read_bytes()
    write(read("one"), "two")
    second = pathlib.Path("two").read_bytes()
    found[name] = [_stage.fingerprint(value), hashlib.sha256(first).hexdigest(), first == second]
print(json.dumps(found))
"""


@pytest.mark.parametrize("name", VALUES)
def test_the_first_exact_format_is_chosen(stage, name):
    make, expected = VALUES[name]
    key, why = stage.choose_format(make())
    assert key == expected, why
    assert why.endswith(
        {"parquet": "Parquet", "column": "Parquet", "npy": ".npy", "json": "JSON", "pickle": "pickle"}[key]
    )


@pytest.mark.parametrize("name", VALUES)
def test_a_written_value_comes_back_exactly(stage, name):
    make, key = VALUES[name]
    value = make()
    getattr(stage, f"write_{key}")(value, f"deep/folder/value.{_SUFFIX[key]}")
    back = getattr(stage, f"read_{key}")(f"deep/folder/value.{_SUFFIX[key]}")
    assert type(back) is type(value)
    assert stage.fingerprint(back) == stage.fingerprint(value)


def test_a_mapping_whose_keys_are_its_attributes_stays_one(stage):
    stage.write_pickle(VALUES["mapping with attributes"][0](), "value.pkl")
    back = stage.read_pickle("value.pkl")
    back["c"] = 3
    back.d = 4
    assert (back.c, back["d"]) == (3, 4)


def test_the_same_value_gives_the_same_bytes_in_every_process(run_python):
    runs = [json.loads(run_python(_WRITE_ALL, seed)) for seed in (0, 1, 4242)]
    for name in VALUES:
        assert runs[0][name] == runs[1][name] == runs[2][name], name
    assert [name for name in VALUES if not runs[0][name][2]] == []  # written, read, written again


class Opened:
    def __init__(self):
        self.file = Path(os.devnull).open()


def _local():
    class Inner:
        pass

    return Inner()


def _figure():
    from matplotlib.figure import Figure

    return Figure()


UNSTORABLE = {
    "generator": (lambda: (x for x in ()), "a generator cannot be stored"),
    "lambda": (lambda: lambda: 1, "a function cannot be stored"),
    "lock": (threading.Lock, "a lock cannot be stored"),
    "socket": (socket.socket, "a socket cannot be stored"),
    "module": (lambda: json, "a module cannot be stored"),
    "open file": (Opened, "a Opened cannot be stored"),
    "local class": (_local, "Inner cannot be stored"),
    "iterator": (lambda: iter([1]), "a list_iterator cannot be stored"),
    "figure": (_figure, "a Figure cannot be stored"),
    "figure inside": (lambda: {"f": _figure()}, "a dict cannot be stored"),
}


@pytest.mark.parametrize("name", UNSTORABLE)
def test_what_lives_only_in_its_process_has_no_format(stage, name):
    make, words = UNSTORABLE[name]
    key, why = stage.choose_format(make())
    assert key is None
    assert words in why
    assert "0x" not in why


def test_a_nest_too_deep_for_a_pickle_has_no_format(stage):
    value = []
    for _ in range(50_000):
        value = [value]
    assert stage.choose_format(value)[0] is None


def test_a_nest_deeper_than_the_recursion_limit_is_still_stored(stage):
    value = ()
    for _ in range(600):
        value = (value, [])
    assert stage.choose_format(value)[0] == "pickle"


def test_the_reason_says_what_the_first_format_would_lose(stage):
    frame = pd.DataFrame({"a": [1, 2]}, index=pd.date_range("2020", periods=2))
    assert stage.choose_format(frame) == (
        "pickle",
        "not exact in Parquet: the index's freq would be lost; exact in a pickle",
    )


@pytest.mark.parametrize(("make", "kept"), [
    (lambda: pd.DataFrame(np.arange(6.0).reshape(3, 2), columns=["a", "b"], copy=False), "pickle"),
    (lambda: pd.DataFrame(np.arange(6.0).reshape(3, 2), columns=["a", "b"], copy=False)[lambda one: one.a > 0], "pickle"),
    (lambda: pd.DataFrame(np.arange(6).reshape(3, 2), columns=["a", "b"], copy=False), "parquet"),  # sums of integers are exact
    (lambda: pd.DataFrame(np.arange(2.0).reshape(1, 2), columns=["a", "b"], copy=False), "parquet"),
    (lambda: pd.DataFrame({"a": [1.0, 2.0], "b": [3.0, 4.0]})[["b"]], "parquet"),
])  # fmt: skip
def test_a_frame_that_lies_by_rows_keeps_its_layout(stage, make, kept):
    key, why = stage.choose_format(make())
    assert key == kept
    if kept == "pickle":
        assert "by rows" in why
        stage.write_pickle(make(), "frame.pkl")
        assert stage.read_pickle("frame.pkl")["b"].to_numpy().strides == make()["b"].to_numpy().strides


def test_parquet_that_is_not_installed_falls_to_pickle(stage, monkeypatch):
    def refuse(*_, **__):
        raise ImportError("Unable to find a usable engine")

    monkeypatch.setattr(pd.DataFrame, "to_parquet", refuse)
    assert stage.choose_format(pd.DataFrame({"a": [1]}))[0] == "pickle"


def test_views_of_one_buffer_still_share_it_after_reading(stage):
    base = np.arange(6.0)
    stage.write_pickle((base, base[2:]), "v.pkl")
    whole, part = stage.read_pickle("v.pkl")
    part[0] = 99
    assert whole[2] == 99


def test_a_list_read_back_in_two_variables_is_one_list(stage):
    items = [1]
    stage.write_pickle((items, {"k": items}), "v.pkl")
    one, other = stage.read_pickle("v.pkl")
    assert other["k"] is one


@pytest.mark.parametrize(
    ("write", "value", "words"),
    [
        ("write_json", {"a": (1,)}, "a tuple is not plain JSON"),
        ("write_json", [[1]] * 2, "one list is held in two places"),
        ("write_npy", np.array([None]), "allow_pickle"),
        ("write_npy", [1], "a list is not a NumPy array"),
        ("write_parquet", pd.Series([1]), "a Series is not a pandas DataFrame"),
        ("write_parquet", pd.DataFrame({"a": [1], 2: [3]}), "labels"),
        ("write_pickle", lambda: 1, "Can't pickle"),
    ],
)
def test_a_write_that_is_not_exact_fails_and_leaves_no_file(stage, tmp_path, write, value, words):
    with pytest.raises(stage.StageError, match=re.escape(words)) as caught:
        getattr(stage, write)(value, "folder/value")
    assert str(caught.value).startswith("variable value (folder/value): ")
    assert "convert the notebook again" in str(caught.value)
    assert list((tmp_path / "folder").iterdir()) == []


def test_a_failed_write_keeps_the_file_of_before(stage, tmp_path):
    stage.write_json([1], "v.json")
    with pytest.raises(stage.StageError):
        stage.write_json((1,), "v.json")
    assert stage.read_json("v.json") == [1]
    assert [path.name for path in tmp_path.iterdir()] == ["v.json"]


@pytest.mark.parametrize("read", ["read_json", "read_npy", "read_parquet", "read_pickle"])
def test_reading_says_which_file_and_what_to_do(stage, tmp_path, read):
    with pytest.raises(stage.StageError, match=r"v\.x: the file does not exist; run the stage that makes it"):
        getattr(stage, read)("v.x")
    (tmp_path / "v.x").write_bytes(b"\x00")
    with pytest.raises(stage.StageError, match=r"v\.x: cannot be read as"):
        getattr(stage, read)("v.x")


def test_paths_hold_after_the_notebook_changes_its_folder(run_python):
    code = "import os, pathlib\npathlib.Path('sub').mkdir()\nos.chdir('sub')\n"
    code += "_stage.write_json(1, 'v.json')\nprint(pathlib.Path('../v.json').exists(), _stage.read_json('v.json'))"
    assert run_python(code).strip() == "True 1"


def test_plain_library_reads_give_the_same(stage, tmp_path):
    frame, array = VALUES["typed frame"][0](), VALUES["array"][0]()
    stage.write_parquet(frame, "f.parquet")
    stage.write_npy(array, "a.npy")
    assert stage.fingerprint(pd.read_parquet(tmp_path / "f.parquet")) == stage.fingerprint(frame)
    assert stage.fingerprint(np.load(tmp_path / "a.npy")) == stage.fingerprint(array)


# ── random state ──


def test_random_sequences_go_on_where_they_were(stage):
    random.gauss(0, 1)  # keeps a second value for the next call
    np.random.normal()
    stage.save_random_state("state.json")
    expected = random.gauss(0, 1), random.random(), np.random.normal(), np.random.random()
    random.seed(5)
    np.random.seed(5)
    stage.restore_random_state("state.json")
    assert (random.gauss(0, 1), random.random(), np.random.normal(), np.random.random()) == expected


def test_only_the_named_generator_is_saved(stage):
    stage.save_random_state("state.json", "numpy")
    assert list(stage.read_json("state.json")) == ["numpy"]
    before = random.getstate()
    stage.restore_random_state("state.json")
    assert random.getstate() == before


# ── watched values ──


def test_a_watched_value_that_stays_passes(stage):
    items = [1]
    stage.watch(items=items)
    stage.check_unchanged(items=items)


def test_a_watched_value_that_changes_fails_by_name(stage):
    items = [1]
    stage.watch(items=items)
    items.append(2)
    with pytest.raises(stage.StageError, match="variable items: .*convert the notebook again"):
        stage.check_unchanged(items=items)


# ── metrics ──


def test_metrics_are_sorted_plain_json(stage, tmp_path):
    report = {"1": {"f1": np.float32(0.5), "n": np.int64(3)}, "0": [1, float("nan")]}
    stage.write_metrics("m.json", b=np.float64(0.25), a=True, report=report)
    text = (tmp_path / "m.json").read_text()
    assert text.endswith("}\n")
    assert text.startswith('{\n  "a": true')
    assert json.loads(text) == {
        "a": True,
        "b": 0.25,
        "report": {"0": [1, None], "1": {"f1": 0.5, "n": 3}},
    }


@pytest.mark.parametrize("value", [np.zeros(2), pd.Series([1]), object(), {"a": {1}}])
def test_other_values_are_not_metrics(stage, value):
    with pytest.raises(stage.StageError, match="is not a metric"):
        stage.write_metrics("m.json", value=value)


# ── Large data: tried by pieces, compared without a second copy ──


def _frame(rows=5000, **columns):
    return pd.DataFrame({"a": np.arange(float(rows)), "b": np.arange(rows) % 7, **columns})


# Parquet gives all numbers of a column one scale: 1.5 would come back as 1.50.
HIDDEN = [Decimal("1.5")] * 1500 + [Decimal("1.25")] + [Decimal("1.5")] * 3499


def test_of_large_data_only_pieces_are_tried(stage, monkeypatch):
    monkeypatch.setattr(stage, "_LARGE", 1000)
    hidden = _frame(c=HIDDEN)
    assert stage.choose_format(hidden, 10**6)[0] == "parquet"  # one scale holds for its first, middle and last rows
    assert stage.choose_format(hidden)[0] == "pickle"


def test_what_a_piece_did_not_show_is_seen_when_it_is_written(stage, monkeypatch):
    monkeypatch.setattr(stage, "_LARGE", 1000)
    hidden = _frame(c=HIDDEN)
    with pytest.raises(stage.StageError, match=r"hidden\.parquet"):
        stage.write_parquet(hidden, "hidden.parquet")
    assert not Path("hidden.parquet").exists()


LARGE = {
    "plain": _frame,
    "with dates as index": lambda: _frame().set_index(pd.date_range("2020", periods=5000, freq="h")),
    "with named columns": lambda: _frame().rename_axis(columns="kind"),
    "with attrs": lambda: _with_attrs(_frame()),
    "with integers as labels": lambda: _frame().rename(columns={"a": 0, "b": 1}),
    "with one name twice": lambda: _frame().rename(columns={"b": "a"}),
}


def _with_attrs(frame):
    frame.attrs["source"] = {1: "a"}
    return frame


@pytest.mark.parametrize("name", LARGE)
def test_large_data_is_judged_like_small(stage, monkeypatch, name):
    """Column by column the same flaws are found as in the whole."""
    frame = LARGE[name]()
    exact = stage.choose_format(frame)[0] == "parquet"
    monkeypatch.setattr(stage, "_LARGE", 1000)
    if exact:
        stage.write_parquet(frame, "large.parquet")
        assert stage.fingerprint(stage.read_parquet("large.parquet")) == stage.fingerprint(frame)
    else:
        with pytest.raises(stage.StageError):
            stage.write_parquet(frame, "large.parquet")


def test_a_large_array_is_compared_through_a_memory_map(stage, monkeypatch):
    monkeypatch.setattr(stage, "_LARGE", 1000)
    array = np.arange(40_000.0).reshape(200, 200).T
    stage.write_npy(array, "large.npy")
    assert stage.fingerprint(stage.read_npy("large.npy")) == stage.fingerprint(array)


# ── Objects that are shared between files ──


def test_two_files_that_share_an_object_are_refused(stage):
    inner = [1]
    stage.write_json({"a": inner}, "one.json")
    with pytest.raises(stage.StageError, match=r"two\.json\): it shares objects with variable one \(one\.json\)"):
        stage.write_json({"b": inner}, "two.json")


def test_an_output_that_shares_an_object_with_a_kept_input_is_refused(stage):
    inner = [1]
    stage.keep_apart(inner=inner)
    with pytest.raises(stage.StageError, match="it shares objects with variable inner"):
        stage.write_json({"b": inner}, "two.json")


def test_the_same_file_may_be_written_again(stage):
    inner = [1]
    stage.write_json(inner, "one.json")
    inner.append(2)
    stage.write_json(inner, "one.json")
    assert stage.read_json("one.json") == [1, 2]


# ── Names that are there, or not ──


def test_a_name_that_is_bound_after_all_is_refused(stage, monkeypatch):
    monkeypatch.setitem(sys.modules, "__main__", types.SimpleNamespace(late=1))
    stage.check_absent("never")
    with pytest.raises(stage.StageError, match="variable late: this stage leaves it bound"):
        stage.check_absent("never", "late")


def test_a_name_that_is_not_bound_after_all_is_refused(stage, monkeypatch):
    monkeypatch.setitem(sys.modules, "__main__", types.SimpleNamespace(late=1))
    stage.check_present("late")
    with pytest.raises(stage.StageError, match="variable never: this stage does not bind it"):
        stage.check_present("late", "never")


def test_a_class_of_the_notebook_counts_by_what_it_holds(stage):
    kind = type("Acc", (), {"__module__": "__main__", "made": 0, "add": lambda self: 1})
    stage.watch(Acc=kind)
    stage.check_unchanged(Acc=kind)
    kind.made = 1
    with pytest.raises(stage.StageError, match="variable Acc"):
        stage.check_unchanged(Acc=kind)


# ── Settings ──


@pytest.mark.parametrize(
    ("name", "getter"),
    [
        ("socket.setdefaulttimeout", socket.getdefaulttimeout),
        ("gc.disable", gc.isenabled),
        ("numpy.random.set_state", np.random.get_state),
    ],
)
def test_a_setter_shows_what_its_getter_gives(stage, name, getter):
    assert stage.fingerprint(stage.setting(name)) == stage.fingerprint([getter()])


@pytest.mark.parametrize("name", ["codecs.register_error", "nowhere.set_level", "os.setns", "json.tool.set_x"])
def test_a_setter_without_a_getter_shows_nothing(stage, name):
    assert stage.setting(name) is None


def test_the_remedy_names_given_parameters(stage, monkeypatch):
    stage.watch(x=[1])
    monkeypatch.setattr(sys.modules["__main__"], "In", ["", "n = 1", "# Parameters\nn = 2\n"], raising=False)
    with pytest.raises(stage.StageError, match="convert the notebook again with these parameters"):
        stage.check_unchanged(x=[2])


# ── The project's own modules ──

_OWN = """
import pathlib, sys
pathlib.Path("own.py").write_text({source!r})
pathlib.Path("other.py").write_text("import own\\nown.SEEN.append(1)\\nfrom own import SEEN\\n")
sys.path.insert(0, ".")
_stage.watch_modules()
import own
{code}
try:
    _stage.check_modules({aside})
    print("passes")
except _stage.StageError as error:
    print(str(error).partition(":")[0])
"""
_SOURCE = """
import itertools
LEVEL, SEEN, ids = 1, [], itertools.count()
class Box:
    made = 0
def keep(x, kept=[]):
    kept.append(x)
def set_level(value):
    global LEVEL
    LEVEL = value
"""


@pytest.mark.parametrize(
    ("code", "aside", "told"),
    [
        ("own.LEVEL, own.Box(), own.SEEN", "", "passes"),
        ("own.set_level(2)", "", "module variable own.LEVEL"),
        ("own.set_level(2)", "'own.LEVEL'", "passes"),
        ("own.SEEN.append(1)", "'own.LEVEL'", "module variable own.SEEN"),
        ("own.SEEN.append(1)", "'own.SEEN.first'", "passes"),
        ("own.Box.made += 1", "", "module variable own.Box"),
        ("own.keep(1)", "", "module variable own.keep"),
        ("own.keep.calls = 1", "", "module variable own.keep"),
        ("next(own.ids)", "", "module variable own.ids"),
        ("own.new = 1", "", "module variable own.new"),
        ("del own.LEVEL", "", "module variable own.LEVEL"),
        ("import other", "", "passes"),
        ("import other; other.SEEN.append(2)", "", "module variable other.SEEN, own.SEEN"),
        ("import other; other.SEEN.append(2)", "'own.SEEN'", "passes"),
        ("own.set_level(2)\nimport other", "", "module variable own.LEVEL"),
    ],
)
def test_a_module_of_the_project_holds_what_it_was_imported_with(run_python, code, aside, told):
    assert run_python(_OWN.format(source=_SOURCE, code=code, aside=aside)).strip() == told


# ── Settings of the process ──


def test_a_setting_that_changed_after_all_is_refused(stage, monkeypatch):
    stage.watch_settings("environ", "numpy_print", "cwd")
    stage.check_settings()
    monkeypatch.setenv("NB_LATE", "1")
    with pytest.raises(stage.StageError, match="setting environ: this stage changed it"):
        stage.check_settings()
