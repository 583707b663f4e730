"""The observer in a real kernel."""

from __future__ import annotations

import json
import runpy
import sys
from contextlib import contextmanager

import pytest
from jupyter_client.manager import start_new_kernel

from .conftest import OBSERVER, STAGE

pytestmark = pytest.mark.slow


class ObservedKernel:
    """A kernel with the observer inside; `run` executes a cell, `mark` returns what was seen."""

    def __init__(self, client, folder):
        self._client, self._folder = client, folder
        install = f"['install'](stage_file={str(STAGE)!r}, root={str(folder)!r}, package='churn', seed=0)"
        self.run(f"__import__('runpy').run_path({str(OBSERVER)!r}){install}", silent=True)

    def run(self, source, silent=False):
        printed = []
        reply = self._client.execute_interactive(
            source, silent=silent, timeout=60, output_hook=lambda message: printed.append(message["content"])
        )
        assert reply["content"]["status"] == "ok", "\n".join(reply["content"]["traceback"])
        return "".join(content.get("text", "") for content in printed)

    def call(self, call):
        self.run(f"__import__('sys').modules['_nb2prod_observer'].{call}", silent=True)

    def mark(self, *live):
        out = self._folder.parent / "mark.json"
        self.call(f"mark(out={str(out)!r}, live={list(live)!r})")
        return json.loads(out.read_text("utf-8"))

    def environment(self):
        out = self._folder.parent / "environment.json"
        self.call(f"environment(out={str(out)!r})")
        return json.loads(out.read_text("utf-8"))


@contextmanager
def observed(folder):
    folder.mkdir(parents=True)
    manager, client = start_new_kernel(cwd=str(folder))
    try:
        yield ObservedKernel(client, folder)
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


@pytest.fixture(scope="module")
def kernel(tmp_path_factory):
    with observed(tmp_path_factory.mktemp("tree") / "work") as kernel:
        kernel.run("import os, pathlib\nimport numpy as np, pandas as pd\nframe = pd.DataFrame({'a': [1]})")
        kernel.mark()
        yield kernel


def test_nothing_enters_the_namespace(kernel):
    assert kernel.run("print([name for name in dir() if 'observer' in name or 'runpy' in name])") == "[]\n"


def test_variables_are_described(kernel):
    kernel.run("class Mine: pass\ndef helper(): return 1\nmine, stream = Mine(), (x for x in ())\n_index = 3")
    found = kernel.mark("frame", "stream", "absent")["variables"]
    kinds = {name: (found[name]["type"], found[name]["kind"], found[name]["format"]) for name in found}
    assert kinds["frame"] == ("pandas.DataFrame", "value", "parquet")
    assert kinds["stream"] == ("generator", "opaque", None)
    assert kinds["mine"] == ("Mine", "value", None)
    assert (kinds["pd"][1], kinds["Mine"][1], kinds["helper"][1]) == ("module", "class", "function")
    assert found["mine"]["classes"] == ["Mine"]
    assert found["frame"]["bytes"] > 0
    assert "_index" in found
    assert not {"In", "Out", "exit", "get_ipython", "_", "_i", "_i1"} & found.keys()


def test_variables_that_share_state_form_groups(kernel):
    kernel.run(
        "a = [1]; b = {'k': a}; c = [1]; base = np.arange(4.0); view = base[1:]\n"
        "one, other = frame.values, frame['a'].values"
    )
    record = kernel.mark("a", "b", "c", "base", "view", "one", "other")
    assert record["variables"]["a"]["shares"] == ["b"]
    assert record["variables"]["c"]["shares"] == []
    assert record["variables"]["one"]["shares"] == []  # both read-only: neither can change the other
    assert [(group["names"], group["format"]) for group in record["groups"]] == [
        (["a", "b"], "pickle"),
        (["base", "view"], "pickle"),
    ]


def test_files_are_reported_once_between_two_marks(kernel):
    kernel.run(
        "import sqlite3\n"
        "pathlib.Path('in.csv').write_text('a\\n1\\n')\n"
        "pd.read_csv('in.csv'); pd.read_csv('in.csv')\n"
        "os.listdir('.'); os.rename('in.csv', 'gone.csv'); os.remove('gone.csv')\n"
        "sqlite3.connect('data.db').close()"
    )
    files = {(entry["path"].rpartition("/")[2], entry["access"]) for entry in kernel.mark()["files"]}
    expected = {
        ("in.csv", "write"),
        ("in.csv", "read"),
        ("work", "list"),
        ("in.csv", "probe"),
        ("in.csv", "delete"),
        ("gone.csv", "write"),
        ("gone.csv", "delete"),
        ("data.db", "write"),
    }
    assert files == expected
    assert kernel.mark()["files"] == []


@pytest.mark.parametrize(
    ("code", "seen"),
    [
        ("import glob; glob.glob('*.csv')", {("*.csv", "glob")}),
        ("list(pathlib.Path('.').glob('a*'))", {("a*", "glob")}),
        ("list(pathlib.Path('.').glob('*'))", {("work", "list")}),
        ("list(pathlib.Path('.').glob('**/*.csv'))", {("work", "list")}),
        ("list(pathlib.Path('.').glob('a*')); list(pathlib.Path('.').iterdir())", {("a*", "glob"), ("work", "list")}),
        ("import glob; glob.glob('a*'); os.listdir('.')", {("a*", "glob"), ("work", "list")}),
    ],
)
def test_a_pattern_is_told_from_a_listing(kernel, code, seen):
    kernel.run(code)
    files = {(entry["path"].rpartition("/")[2], entry["access"]) for entry in kernel.mark()["files"]}
    assert {one for one in files if one[1] != "probe"} == seen


def test_hosts_are_reported(kernel):
    kernel.run("import socket\ntry: socket.getaddrinfo('host.invalid', 80)\nexcept OSError: pass")
    assert kernel.mark()["network"] == ["host.invalid"]


def test_ambient_state_shows_what_changed(kernel):
    before = kernel.mark()["ambient"]
    kernel.run("import warnings; pd.set_option('display.max_rows', 7); warnings.simplefilter('ignore')")
    after = kernel.mark()["ambient"]
    assert {name for name in after if after[name] != before[name]} == {"pandas_options", "warnings"}


def test_local_modules_and_libraries_are_listed(kernel):
    kernel.run("pathlib.Path('helper_module.py').write_text('x = 1'); import helper_module")
    names = {module["name"] for module in kernel.mark()["modules"]}
    assert {"helper_module", "pandas"} <= names
    assert not {"json", "os", "_nb2prod_observer", "pandas.core"} & names


def test_an_object_that_fails_everywhere_is_contained(kernel):
    kernel.run(
        "class Hostile:\n"
        "    def __reduce_ex__(self, protocol): raise SystemError('no')\n"
        "    def __getattr__(self, name): raise ValueError(name)\n"
        "    def __eq__(self, other): raise ValueError('eq')\n"
        "    __hash__ = None\n"
        "hostile = Hostile()"
    )
    found = kernel.mark("hostile")["variables"]["hostile"]
    assert (found["kind"], found["format"]) == ("opaque", None)
    assert found["why"]


def test_the_environment_is_described(kernel):
    record = kernel.environment()
    assert record["markers"]["sys_platform"]
    known = {"name", "version", "requires", "editable", "direct_url", "installed", "conda"}
    assert known == set(record["distributions"][0])
    assert any(one["installed"] for one in record["distributions"])
    assert {"pandas", "numpy"} <= set(record["imported"])
    assert "dvc" not in record["imported"]


def test_a_conda_environment_and_the_indexes_are_described(tmp_path):
    """A folder laid out as conda does it stands in for one; what is read is what conda writes."""
    meta, site = tmp_path / "env" / "conda-meta", tmp_path / "site" / "numpy-2.0.0.dist-info"
    meta.mkdir(parents=True)
    site.mkdir(parents=True)
    one = {"name": "numpy", "version": "2.0.0", "build": "py311h1_0", "channel": "https://channels.example/x/noarch"}
    (meta / "numpy-2.0.0-py311h1_0.json").write_text(json.dumps(one | {"files": ["a"]}))
    (meta / "broken.json").write_text("{")
    (meta / "history").write_text("")
    (site / "METADATA").write_text("Metadata-Version: 2.1\nName: numpy\nVersion: 2.0.0\n")
    (site / "INSTALLER").write_text("conda\n")
    (tmp_path / "env" / "pip.conf").write_text("[global]\nextra-index-url =\n    https://a.example/simple\n")
    surroundings = runpy.run_path(str(OBSERVER.with_name("surroundings.py")))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "prefix", str(tmp_path / "env"))
        patch.syspath_prepend(str(tmp_path / "site"))
        patch.setenv("PIP_INDEX_URL", "https://me:secret@b.example/simple")
        record = surroundings["environment"]()
    assert record["conda"] == [one]
    assert [found["conda"] for found in record["distributions"] if found["name"] == "numpy"] == [True]
    assert {"https://a.example/simple", "https://me:secret@b.example/simple"} <= set(record["indexes"])
    assert ["broken.json", "numpy-2.0.0-py311h1_0.json"] in record["process"]


_DRAWS = """
import random, uuid
import numpy as np
print(np.random.default_rng().random(), np.random.RandomState().rand(), random.Random().random(), uuid.uuid4())
print(random.random(), np.random.rand())
"""


def test_two_kernels_draw_the_same_and_say_so(tmp_path):
    printed = []
    for name in ("one", "two"):
        with observed(tmp_path / name) as kernel:
            assert set(kernel.mark()["random"].values()) == {None}
            kernel.call("pin('cell 3')")
            printed.append(kernel.run(_DRAWS))
            record = kernel.mark()
            assert not any(record["random"].values()), "a state that nobody set is nothing to hand on"
            unseeded = [record["unseeded"]]
            kernel.run("np.random.seed(1); random.seed(1); np.random.rand(); random.random()")
            record = kernel.mark()
            assert record["random"]["python"]
            assert record["random"]["numpy"]
            unseeded.append(record["unseeded"])
    assert printed[0] == printed[1]
    assert unseeded == [["numpy", "python", "entropy"], []]


def test_entropy_follows_its_label_only(tmp_path):
    draw = "print(np.random.default_rng().random())"
    with observed(tmp_path / "one") as kernel:
        kernel.run("import numpy as np")
        kernel.call("pin('a')")
        first, second = kernel.run(draw), kernel.run(draw)
        kernel.call("pin('a')")
        assert kernel.run(draw) == first != second


def test_the_calendar_follows_the_held_clock(tmp_path):
    ask = "import time; print(time.strftime('%F %T'), time.localtime().tm_min, time.gmtime(None).tm_sec, time.ctime())"
    seen = []
    for folder in ("a", "b"):
        with observed(tmp_path / folder) as kernel:
            kernel.call("pin(label='x', moment=3)")
            seen.append(kernel.run(ask))
            assert kernel.mark()["clock"] == 4
            assert kernel.run("print(time.strftime('%Y', time.gmtime(0)), time.ctime(0)[-4:])") == "1970 1970\n"
    assert seen[0] == seen[1] != ""


def test_a_mark_leaves_the_random_sequence_alone(tmp_path):
    with observed(tmp_path / "one") as kernel:
        kernel.run("import random\nclass Draws:\n    def __reduce__(self):\n        random.random(); return (int, ())")
        kernel.run("draws = Draws(); state = random.getstate()")
        kernel.mark("draws")
        assert kernel.run("print(state == random.getstate())") == "True\n"


DRAWN = """
import io
import matplotlib
matplotlib.use("agg")
import matplotlib.pyplot as plt
def draw(change):
    figure, (left, right) = plt.subplots(1, 2)
    lines = left.plot([1, 2, 3], [3, 1, 2], label="a")
    bars = right.bar(["x", "y"], [1, 2])
    points = right.scatter([0, 1], [0.5, 0.6])
    image = left.imshow([[1, 2], [3, 4]])
    left.set_title("title")
    change(locals())
    figure.savefig(io.BytesIO())
CHANGES = {
    "nothing": lambda it: None,
    "nothing again": lambda it: None,
    "data": lambda it: it["lines"][0].set_ydata([3, 1, 2.0001]),
    "a colour": lambda it: it["lines"][0].set_color("red"),
    "a style": lambda it: it["lines"][0].set_linestyle(":"),
    "a title": lambda it: it["left"].set_title("Title"),
    "limits": lambda it: it["right"].set_ylim(0, 2.5),
    "a bar": lambda it: it["bars"][1].set_height(2.1),
    "a point": lambda it: it["points"].set_offsets([[0, 0.5], [1, 0.61]]),
    "a pixel": lambda it: it["image"].set_data([[1, 2], [3, 5]]),
    "the size": lambda it: it["figure"].set_size_inches(5, 4),
    "a legend": lambda it: it["left"].legend(),
    "an annotation": lambda it: it["left"].annotate("here", (1, 1)),
}
"""


def test_figures_are_told_apart_by_what_they_show(kernel):
    kernel.run(DRAWN)
    kernel.run("import sys\nfor number, change in enumerate(CHANGES.values()):\n"
               "    sys.modules['_nb2prod_observer'].pin('cell', number)\n    draw(change)")  # fmt: skip
    seen = kernel.mark()["drawings"]
    first = seen.pop("0")
    assert seen.pop("1") == first
    assert len({tuple(one) for one in seen.values()} - {tuple(first)}) == len(seen) == 11
