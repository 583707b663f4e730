"""Notebook text → pipeline text: what crosses, what is written again, what is merged. Nothing runs."""

from __future__ import annotations

from dataclasses import replace

import pytest

from nb2prod.errors import Refused
from nb2prod.pipeline.model import Repairs

from .notebooks import observed, planned, rendered, variable

# What a call may change in place is no reason yet to store a thing instead of writing its code again.


# fmt: off
@pytest.mark.parametrize(("text", "expected"), [
    pytest.param("""
# %% stage:a
x = [1]
# %% stage:b
y = x
""", """
a | out: x.pickle
b | in: x
""", id="a value is stored where code makes it"),
    pytest.param("""
# %% stage:a
x = [1]
t = [2]
# %% stage:b
print(x)
""", """
a | out: x.pickle
b | in: x
""", id="what nobody needs stays"),
    pytest.param("""
# %% stage:a
N = 5
M = N * 2
x = f(N)
# %% stage:b
print(x, M)
""", """
a | out: x.pickle
b | again: N = 5; M = N * 2 | in: x
""", id="constants are written again, not stored"),
    pytest.param("""
# %% stage:a
x = f()
x = x
# %% stage:b
print(x)
""", """
a | out: x.pickle
b | in: x
""", id="what is bound to itself is what it was"),
    pytest.param("""
# %% stage:a
import os
import numpy as np
import json
x = np.ones(3)
# %% stage:b
y = np.sum(x)
""", """
a | out: x.pickle
b | again: import numpy as np | in: x
""", id="only the imports that are needed"),
    pytest.param("""
# %%
import numpy as np
K = 3
# %% stage:a
x = np.ones(K)
# %% stage:b
y = np.sum(x) * K
""", """
a | out: x.pickle
b | again: import numpy as np; K = 3 | in: x
""", id="the preamble belongs to the first stage"),
    pytest.param("""
# %% setup
import numpy as np
import pandas as pd
pd.set_option("display.width", 80)
# %% stage:a
x = np.ones(3)
# %% stage:b
print(x)
""", """
a | out: x.pickle
b | again: import numpy as np; import pandas as pd; pd.set_option("display.width", 80) | in: x
""", id="a setup cell is copied whole"),
    pytest.param("""
# %%
x = 1
# %%
print(x)
""", """
notebook
""", id="no tags: one stage"),
    pytest.param("""
# %% parameters
n = 3
unused = 1
# %% stage:a
x = [n]
# %% stage:b
print(x, n)
""", """
a | params: n | out: x.pickle
b | params: n | in: x
""", id="parameters"),
    pytest.param("""
# %% parameters
n = 3
m = n * 2
# %% stage:a
x = [1]
# %% stage:b
print(x, m)
""", """
a | out: x.pickle
b | params: n | in: x
""", id="a line derived from a parameter"),
    pytest.param("""
# %% parameters
n = 3
# %% stage:a
def f(x): return x + n
a = [f(1)]
# %% stage:b
print(f(a))
""", """
a | params: n | out: a.pickle
b | params: n | again: def f(x): return x + n | in: a
""", id="a parameter read through a function"),
    pytest.param("""
# %% parameters
n = 3
# %% stage:a
LIMIT = n * 2
x = [1]
# %% stage:b
print(x, LIMIT)
""", """
a | params: n | out: x.pickle
b | params: n | again: LIMIT = n * 2 | in: x
""", id="a parameter read through a constant"),
    pytest.param("""
# %% parameters
n = 3
# %% stage:a
n = f(n)
# %% stage:b
print(n)
""", """
a | params: n | out: n.pickle
b | in: n
""", id="a parameter bound anew is stored"),
    pytest.param("""
# %% parameters
xs = [1]
# %% stage:a
xs.append(2)
# %% stage:b
print(xs)
""", """
a | params: xs | out: xs.pickle
b | in: xs
""", id="a list parameter that is appended to is stored"),
    pytest.param("""
# %%
import numpy as np
# %%
def mean(x):
    return np.mean(x)
# %% stage:a
x = mean([1])
# %% stage:b
print(mean(x))
""", """
a | lifted: mean | out: x.pickle
b | again: import numpy as np | lifted: mean | in: x
""", id="functions of their own cell are lifted"),
    pytest.param("""
# %% stage:a
k = g()
# %%
def f(x): return x + k
# %% stage:b
print(f(1))
""", """
a | out: k.pickle
b | again: def f(x): return x + k | in: k
""", id="a function that reads a value of the notebook is not lifted"),
    pytest.param("""
# %%
def f(x, seen=[]):
    seen.append(x)
    return seen
# %% stage:a
a = f(1)
# %% stage:b
b = f(2)
""", """
a | out: f.pickle
b | in: f
""", id="a function with a memory is not lifted"),
    pytest.param("""
# %%
import time
# %%
def f(t=time.time()): return t
# %% stage:a
a = f()
# %% stage:b
b = f()
""", """
a | out: f.pickle
b | in: f
""", id="a default that is computed is not lifted"),
    pytest.param("""
# %% stage:a
def f(): return 1
x = [f()]
# %%
def f(): return 2
# %% stage:b
print(f(), x)
""", """
a | out: x.pickle
b | again: def f(): return 2 | in: x
""", id="a function defined twice is not lifted"),
    pytest.param("""
# %% stage:a
x = [1]
# %% stage:b
x = x + [2]
# %% stage:c
x = x + [3]
# %% stage:d
print(x)
""", """
a | out: x.pickle
b | in: x | out: x.pickle
c | in: x | out: x.pickle
d | in: x
""", id="a name bound in three stages"),
    pytest.param("""
# %% stage:a
x = [1]
c = f()
# %% stage:b
if c: x = [2]
# %% stage:c
print(x)
""", """
a | out: c.pickle, x.pickle
b | in: c, x | out: x.pickle
c | in: x
""", id="a name that a stage only may bind"),
    pytest.param("""
# %% stage:a
k = g()
def f(): return k
# %% stage:b
k = h()
# %% stage:c
print(f())
""", """
a
b | out: k.pickle
c | again: def f(): return k | in: k
""", id="a function that reads a global bound anew"),
    pytest.param("""
# %% stage:a
log = []
def note(x): log.append(x)
# %% stage:b
note(1)
# %% stage:c
print(log)
""", """
a | out: log.pickle
b | again: def note(x): log.append(x) | in: log | out: log.pickle
c | in: log
""", id="a function that changes a global"),
    pytest.param("""
# %% stage:a
x = []
# %% stage:b
x.append(1)
# %% stage:c
print(x)
""", """
a | out: x.pickle
b | in: x | out: x.pickle
c | in: x
""", id="changed in place"),
    pytest.param("""
# %% stage:a
x = load()
# %% stage:b
show(x)
# %% stage:c
print(x)
""", """
a | out: x.pickle
b | in: x | watches: x
c | in: x
""", id="perhaps changed: watched"),
    pytest.param("""
# %% stage:a
n = 3
x = load(n)
# %% stage:b
show(n)
# %% stage:c
print(n, x)
""", """
a | out: x.pickle
b | again: n = 3
c | again: n = 3 | in: x
""", id="not perhaps changed: a constant"),
    pytest.param("""
# %%
import numpy as np
# %% stage:a
np.random.seed(0)
x = np.random.rand(3)
# %% stage:b
y = np.random.rand(3)
# %% stage:c
z = np.random.rand(3)
""", """
a | out: $rng:numpy.random
b | again: import numpy as np | in: $rng:numpy | out: $rng:numpy.random
c | again: import numpy as np | in: $rng:numpy
""", id="random state crosses"),
    pytest.param("""
# %%
import numpy as np
# %% stage:a
x = np.random.rand(3)
# %% stage:b
np.random.seed(0)
y = np.random.rand(3)
""", """
a
b | again: import numpy as np
""", id="random state seeded anew does not cross"),
    pytest.param("""
# %% stage:a
import pandas as pd
pd.set_option("display.width", 80)
x = [1]
# %% stage:b
print(x)
""", """
a | out: x.pickle
b | again: import pandas as pd; pd.set_option("display.width", 80) | in: x
""", id="settings hold in all later stages"),
    pytest.param("""
# %% stage:a
import pandas as pd
w = f()
pd.set_option("display.width", w)
# %% stage:b
print(1)
""", """
a_b
merged a+b: cell 1 (c0) sets a library's options from values computed before
""", id="a setting from a computed value"),
    pytest.param("""
# %% stage:a
try:
    import warnings
    warnings.filterwarnings("ignore")
except ImportError:
    pass
x = [1]
# %% stage:b
print(x)
""", """
a | out: x.pickle
b | again: try:;     import warnings;     warnings.filterwarnings("ignore"); except ImportError:;     pass | in: x
""", id="a setting beside an import"),
    pytest.param("""
# %% stage:a
import os
os.chdir("data")
x = [1]
# %% stage:b
print(x)
""", """
a | out: x.pickle
b | again: import os; os.chdir("data") | in: x
""", id="chdir"),
    pytest.param("""
# %% stage:a
import json
json.dumps = f
# %% stage:b
print(json.dumps(1))
""", """
a
b | again: import json; json.dumps = f
""", id="a library is changed"),
    pytest.param("""
# %% stage:a
import json
json.dumps = make(3)
# %% stage:b
print(json.dumps(1))
""", """
a_b
merged a+b: cell 1 (c0) changes a library for all that follows (json.dumps is replaced)
""", id="a library is changed by a computed value"),
    pytest.param("""
# %% stage:a
import logging
log = logging.getLogger("x")
log.setLevel(logging.INFO)
# %% stage:b
log.info("hi")
""", """
a
b | again: import logging; log = logging.getLogger("x"); log.setLevel(logging.INFO)
""", id="a logger"),
    pytest.param("""
# %% stage:a
from collections import namedtuple
P = namedtuple("P", "x y")
# %% stage:b
p = P(1, [2])
# %% stage:c
print(p, P)
""", """
a
b | again: from collections import namedtuple; P = namedtuple("P", "x y") | out: p.pickle
c | again: from collections import namedtuple; P = namedtuple("P", "x y") | in: p
""", id="a type that a call makes"),
    pytest.param("""
# %% stage:a
from config import SETTINGS
SETTINGS["a"] = 1
# %% stage:b
print(SETTINGS)
""", """
a_b
merged a+b: cell 1 (c0) changes a library for all that follows (config.SETTINGS is replaced)
""", id="an imported object is changed"),
    pytest.param("""
# %% stage:a
from math import *
x = [sqrt(2)]
# %% stage:b
print(floor(x[0]))
""", """
a | out: x.pickle
b | again: from math import * | in: x
""", id="star imports everywhere"),
    pytest.param("""
# %% parameters
year = 2020
# %% stage:a
import pandas as pd
df = pd.read_csv(f"data/{year}.csv")
df.to_csv("out.csv")
# %% stage:b
print(pd.read_csv("out.csv"))
""", """
a | params: year | reads: ../data/${year}.csv | writes: ../out.csv
b | again: import pandas as pd | reads: ../out.csv
""", id="files"),
    pytest.param("""
# %% stage:a
open("log.txt", "w").write("a")
# %% stage:b
open("log.txt", "a").write("b")
""", """
a_b | writes: ../log.txt
merged a+b: both write `log.txt`, and DVC gives a file to one stage
""", id="two stages write one file"),
    pytest.param("""
# %% stage:a
x = open("a.txt").read()
# %% stage:b
open("a.txt", "w").write(x)
""", """
a_b | writes: ../a.txt
merged a+b: `a.txt` is read before it is written anew
""", id="read before it is written anew"),
    pytest.param("""
# %% stage:a input:in.bin output:out.bin
x = f()
# %% stage:b
print(x)
""", """
a | out: x.pickle | reads: ../in.bin | writes: ../out.bin
b | in: x
""", id="declared files"),
    pytest.param("""
# %% stage:a
m = f()
# %% stage:b metrics
score = g(m)
""", """
a | out: m.pickle
b | in: m | metrics: score
""", id="metrics"),
    pytest.param("""
# %% stage:a
x = f()
# %% skip
x = g(x)
# %% stage:b
print(x)
""", """
a | out: x.pickle
b | in: x
""", id="skipped cells are no part"),
    pytest.param("""
# %% imports
import numpy as np
# %% functions
def f(x): return np.mean(x)
# %% pipeline-parameters
n = 3
# %% block:a
x = [f([n])]
# %% block:b prev:a
y = x
# %% pipeline-metrics
print(y)
""", """
a | params: n | lifted: f | out: x.pickle
b | in: x
""", id="Kale's tags"),
    pytest.param("""
# %% stage:a
x = [1]
y = [2]
# %% stage:b
print(eval("x"))
""", """
a | out: x.pickle, y.pickle
b | in: x, y
""", id="eval reads everything"),
    pytest.param("""
# %% stage:a
df = f()
t = g()
# %% stage:b
print(df.query("a > @t"))
""", """
a | out: df.pickle, t.pickle
b | in: df, t
""", id="query names a variable"),
    pytest.param("""
# %% stage:a
%matplotlib inline
%time x = f()
# %% stage:b
%time print(x)
""", """
a | out: x.pickle
b | again: %matplotlib inline | in: x
""", id="magics"),
    pytest.param("""
# %% stage:a
k = f()
g = (i * k for i in range(3))
# %% stage:b
print(list(g))
""", """
a | out: g.pickle, k.pickle
b | in: g, k
""", id="a generator carries what it reads"),
    pytest.param("""
# %% stage:a
k = f()
sq = lambda x: x * k
# %% stage:b
print(sq(3))
""", """
a | out: k.pickle
b | again: sq = lambda x: x * k | in: k
""", id="a lambda is written again"),
    pytest.param("""
# %% stage:a
REG = []
def register(f):
    REG.append(f)
    return f
@register
def g(): pass
# %% stage:b
print(REG, g)
""", """
a | out: REG.pickle, g.pickle
b | in: REG, g
""", id="a registering decorator is not run again"),
    pytest.param("""
# %% md
# Load
# %% stage:a
x = [1]
# %% md
# Use
# %% stage:b
print(x)
""", """
a | out: x.pickle
b | in: x
""", id="prose stays with its stage"),
    pytest.param("""
# %% setup
from PIL import ImageFile
ImageFile.LOAD_TRUNCATED_IMAGES = True
# %% stage:a
x = [1]
# %% stage:b
print(x)
""", """
a | out: x.pickle
b | again: from PIL import ImageFile; ImageFile.LOAD_TRUNCATED_IMAGES = True | in: x
""", id="a library's attribute set in a setup cell is set again"),
    pytest.param("""
# %% setup
import matplotlib.pyplot as plt
from matplotlib import cycler
# %% stage:a
x = [1]
colors = cycler("color", ["#EE6666", "#3388BB"])
plt.rc("axes", prop_cycle=colors)
# %% stage:b
print(x)
""", """
a | out: x.pickle
b | again: import matplotlib.pyplot as plt; from matplotlib import cycler; colors = cycler("color", ["#EE6666", "#3388BB"]); plt.rc("axes", prop_cycle=colors) | in: x
""", id="a cycle of colours is a constant"),
])
def test_static(text: str, expected: str) -> None:
    assert rendered(planned(text)) == expected.strip("\n")
# fmt: on


def test_a_lifted_module_holds_the_cells_text_and_its_imports() -> None:
    text = (
        "# %%\nimport numpy as np\nimport json\n# %%\ndef mean(x):\n    return np.mean(x)\n# %% stage:a\nx = mean([1])"
    )
    (module,) = planned(text).modules
    assert module.source == (
        '"""Definitions of work.ipynb, as they stand there."""\n\n'
        "import numpy as np\n\n\ndef mean(x):\n    return np.mean(x)\n"
    )


def test_values_of_the_parameters_fill_paths() -> None:
    text = "# %% parameters\nd = 'one'\n# %% stage:a\nx = open(f'{d}/a.txt').read()"
    (stage,) = planned(text, values={"d": "two"}).stages
    assert [(file.path, file.root_path) for file in stage.reads] == [("../${d}/a.txt", "two/a.txt")]


TWO = "# %% stage:a\nx = f()\ny = g(x)\n# %% stage:b\nprint(x, y)"


def test_names_that_share_objects_travel_in_one_file() -> None:
    seen = observed(
        ("0", [variable("x", "1", shares="y"), variable("y", "2", shares="x")]),
        ("1", [variable("x", "1", shares="y"), variable("y", "2", shares="x")]),
    )
    assert rendered(planned(TWO, observation=seen)) == "a | out: x+y.pickle\nb | in: x+y"


def test_names_that_share_nothing_travel_apart_in_typed_files() -> None:
    after = [variable("x", "1"), variable("y", "2", format="parquet")]
    expected = "a | out: x.json, y.parquet\nb | in: x, y"
    assert rendered(planned(TWO, observation=observed(("0", after), ("1", after)))) == expected


THREE = "# %% stage:a\nx = f()\n# %% stage:b\nshow(x)\n# %% stage:c\nprint(x)"


def test_a_change_that_was_seen_is_written() -> None:
    seen = observed(("0", [variable("x", "1")]), ("1", [variable("x", "2")]), ("2", [variable("x", "2")]))
    expected = "a | out: x.json\nb | in: x | out: x.json\nc | in: x"
    assert rendered(planned(THREE, observation=seen)) == expected


def test_a_change_that_was_not_seen_is_watched() -> None:
    seen = observed(("0", [variable("x", "1")]), ("1", [variable("x", "1")]), ("2", [variable("x", "1")]))
    expected = "a | out: x.json\nb | in: x | watches: x\nc | in: x"
    assert rendered(planned(THREE, observation=seen)) == expected


def test_code_is_not_written_again_for_what_changed_since() -> None:
    text = "# %% stage:a\ndef f(): pass\n# %% stage:b\nregister()\n# %% stage:c\nf()"
    seen = observed(("0", [variable("f", "1")]), ("1", [variable("f", "2")]), ("2", [variable("f", "2")]))
    assert rendered(planned(text, observation=seen, repairs=Repairs(unlifted=frozenset({0})))) == (
        "a\nb | again: def f(): pass | out: f.json\nc | in: f"
    )


def test_random_state_that_was_seen_to_move_crosses() -> None:
    text = "# %% stage:a\nx = model.run()\n# %% stage:b\nimport numpy as np\ny = np.random.rand()"
    seen = observed(("0", [variable("x", "1")]), ("1", [variable("x", "1")]), random=("1", "2"))
    assert rendered(planned(text, observation=seen)) == "a | out: $rng:numpy.random\nb | in: $rng:numpy"


def test_a_seeded_generator_that_may_be_drawn_from_is_handed_on_though_it_did_not_move() -> None:
    text = """# %% stage:a
import numpy as np
np.random.seed(1)
# %% stage:b
for _ in range(n):
    np.random.rand()
# %% stage:c
print(np.random.rand())"""
    seen = observed(("0", []), ("1", []), ("2", []), random=("1", "1", "2"))
    assert "b | again: import numpy as np | in: $rng:numpy | out: $rng:numpy.random" in rendered(
        planned(text, observation=seen)
    )


FACTORY = """# %% stage:a
def make(k):
    return lambda x: k * x
f = make(2)
# %% stage:b
f(1)
# %% stage:c
print(f(1))"""


def test_an_object_that_no_file_keeps_is_made_anew_and_watched() -> None:
    closure = [variable("f", "1", kind="function", type="builtins.function")]
    seen = observed(("0", closure), ("1", closure), ("2", closure))
    unlifted = Repairs(unlifted=frozenset({0}))
    assert [
        (stage.name, stage.inputs, stage.watched)
        for stage in planned(FACTORY, observation=seen, repairs=unlifted).stages
    ] == [("a", (), ()), ("b", (), ("f",)), ("c", (), ())]


def test_an_object_that_no_file_keeps_and_that_changed_merges_its_stages() -> None:
    before, after = ([variable("f", value, kind="function", type="builtins.function")] for value in "12")
    seen = observed(("0", before), ("1", after), ("2", after))
    assert [stage.name for stage in planned(FACTORY, observation=seen).stages] == ["a", "b_c"]


def test_an_object_that_no_file_keeps_and_that_another_name_shares_merges_its_stages() -> None:
    both = [
        variable("f", "1", kind="function", type="builtins.function", shares="g"),
        variable("g", "2", shares="f"),
    ]
    seen = observed(("0", both), ("1", both), ("2", both))
    assert [stage.name for stage in planned(FACTORY, observation=seen).stages] == ["a_to_c"]


def test_artifacts_of_a_stage_never_share_a_file() -> None:
    long = "n" * 90
    text = (
        f"# %% stage:a\nx = f()\nX = f()\n{long}_1 = f()\n{long}_2 = f()\n# %% stage:b\nprint(x, X, {long}_1, {long}_2)"
    )
    paths = [artifact.path for artifact in planned(text).stages[0].outputs]
    assert len({path.lower() for path in paths}) == 4


def test_a_file_that_a_later_stage_removes_keeps_them_together() -> None:
    seen = observed(("0", []), ("1", []))
    first, second = seen.marks
    marks = (replace(first, writes=frozenset({"f.txt"})), replace(second, deleted=frozenset({"f.txt"})))
    pipeline = planned(
        "# %% stage:a\nopen('f.txt', 'w')\n# %% stage:b\nos.remove('f.txt')", observation=replace(seen, marks=marks)
    )
    assert rendered(pipeline) == "a_b\nmerged a+b: `f.txt` is written and then removed"


def test_a_skipped_cell_that_writes_what_is_read_is_refused() -> None:
    text = "# %% stage:a\nx = 1\n# %% skip\nopen('f.txt', 'w')\n# %% stage:b\nprint(open('f.txt').read(), x)"
    seen = observed(("0", []), ("1", []), ("2", []))
    first, second, third = seen.marks
    files = frozenset({"f.txt"})
    marks = (first, replace(second, writes=files), replace(third, reads=files))
    with pytest.raises(Refused, match=r"cell 2 \(c1\) is tagged `skip`, but it writes `f.txt`"):
        planned(text, observation=replace(seen, marks=marks))


def test_what_cannot_be_stored_merges_its_stages() -> None:
    text = "# %% stage:a\nx = connect()\n# %% stage:b\ny = x.read()\n# %% stage:c\nprint(y)"
    value = variable("x", "1", kind="opaque", type="sqlite3.Connection", format=None, why="a connection")
    seen = observed(("0", [value]), ("1", [value, variable("y", "2")]), ("2", [value, variable("y", "2")]))
    assert rendered(planned(text, observation=seen)) == (
        "a_b | out: y.json\nc | in: y\nmerged a+b: `x` (sqlite3.Connection) cannot cross: a connection"
    )


def test_a_skipped_cell_that_changes_what_is_kept_is_refused() -> None:
    text = "# %% stage:a\nx = f()\n# %% skip\nx.append(1)\n# %% stage:b\nprint(x)"
    seen = observed(("0", [variable("x", "1")]), ("1", [variable("x", "2")]), ("2", [variable("x", "2")]))
    with pytest.raises(Refused, match=r"cell 2 \(c1\) is tagged `skip`, but it changes `x`"):
        planned(text, observation=seen)


def test_metrics_are_scalars_that_were_seen() -> None:
    text = "# %% stage:a metrics\nscore = f()\nmodel = g()"
    seen = observed(("0", [variable("score", "1", type="builtins.float"), variable("model", "2")]))
    assert rendered(planned(text, observation=seen)) == "a | metrics: score"


def test_a_repair_adds_an_input() -> None:
    text = "# %% stage:a\nx = f()\n# %% stage:b\ng()"
    assert rendered(planned(text)) == "a\nb"
    repaired = planned(text, repairs=Repairs(inputs=frozenset({("b", "x")})))
    assert rendered(repaired) == "a | out: x.pickle\nb | in: x"


def test_merging_two_stages_merges_all_between() -> None:
    text = "# %% stage:a\nx = f()\n# %% stage:b\ny = g()\n# %% stage:c\nprint(x, y)"
    assert rendered(planned(text, repairs=Repairs(merges=(("a", "c", "why"),)))) == "a_to_c\nmerged a+b+c: why"


READERS = {
    "parquet": 'df = pd.read_parquet("pipeline/artifacts/a/df.parquet")',
    "column": 'df = pd.read_parquet("pipeline/artifacts/a/df.parquet").squeeze("columns")',
    "npy": 'df = _stage.read_npy("pipeline/artifacts/a/df.npy")',
    "json": 'df = _stage.read_json("pipeline/artifacts/a/df.json")',
    "pickle": 'df = _stage.read_pickle("pipeline/artifacts/a/df.pkl")',
}


@pytest.mark.parametrize("form", READERS)
def test_an_input_is_read_as_a_person_would(form):
    """With the notebook's own name for the library where it has one; NumPy is not imported here."""
    text = (
        "# %% setup\nimport pandas as pd\n# %% stage:a\ndf = pd.read_csv('x.csv')\n# %% stage:b\nprint(pd.concat([df]))"
    )
    values = [variable("df", "1", format=form)]
    last = planned(text, observation=observed(("0", []), ("1", values), ("2", values))).stages[-1]
    inputs = next(cell.source for cell in last.cells if cell.kind == "inputs")
    assert READERS[form] in inputs
