"""Kinds of values that composed notebooks are made of: the names that may hold them, how they are made and shown.

Names belong to several kinds, so that stages rebind each other's. In texts `$L1` is a name that holds a kind-L value
now (1 is its place in this fragment), `$=L1` a name that is bound to one, `$k` a number that never came before, `$i` an
integer's expression, `$c` a condition, often on a parameter.
"""

from __future__ import annotations

# kind → names that may hold it.
NAMES = {
    "I": "k m t q",
    "J": "z ratio",
    "X": "text word k",
    "L": "a b c d",
    "N": "grid h a",
    "D": "conf d e",
    "E": "groups e r",
    "S": "seen s b",
    "T": "pair p t",
    "A": "v w arr a",
    "B": "mat v",
    "F": "df frame tb",
    "R": "col w df",
    "O": "acc obj p",
    "U": "f g fn",
    "V": "push g",
    "G": "gen stream",
    "Q": "queue c",
    "C": "counts r",
    "H": "index groups",
    "W": "box obj",
    "K": "scalar m",
    "P": "path where",
    "Y": "dice",
    "Z": "rng dice",
    "M": "extra maybe late",
}

# kind → texts that bind `$=?1`.
MAKERS = {
    "I": ("$=I1 = $k", "$=I1 = len($L2) + $k", "$=I1 = $i", "$=I1: int = $k", "$=I1 = ($i) % 7"),
    "J": ("$=J1 = $k / 4", "$=J1 = float($i)", "$=J1 = np.mean($A2).item()"),
    "X": ("$=X1 = 'w$k'", "$=X1 = f'{$i}-x'", "$=X1 = '-'.join(map(str, $L2))"),
    "L": (
        "$=L1 = [$k, $k]",
        "$=L1 = [v_ + $k for v_ in $L2]",
        "$=L1 = list($L2)",
        "$=L1 = sorted($L2, reverse=True)",
        "$=L1 = $L2 + [$i]",
        "$=L1 = [$i for i_ in range(3)]",
        "$=L1 = list(range($k, $k))[:4] or [$k]",
    ),
    "N": ("$=N1 = [[$k], [$k, $k]]", "$=N1 = [$L2, $L2]", "$=N1 = [[i_, i_ * 2] for i_ in range(3)]", "$=N1 = [list($L2), $L3]"),
    "D": ("$=D1 = {'x': $k, 'y': $i}", "$=D1 = dict(x=$i, y=$k)", "$=D1 = {key_: $k for key_ in 'xy'}"),
    "E": ("$=E1 = {'x': $L2, 'y': [$k]}", "$=E1 = {'x': [$k], 'y': []}", "$=E1 = dict(x=$L2, y=$L2)"),
    "S": ("$=S1 = {$k, $k}", "$=S1 = set($L2)", "$=S1 = {str(v_) for v_ in $L2}", "$=S1 = {('n', $k), ('m', $k)}"),
    "T": ("$=T1 = ($L2, $k)", "$=T1 = ([$k], $i)"),
    "A": (
        "$=A1 = np.arange(6)",
        "$=A1 = np.array([$k, $k, $k, $k, $k])",
        "$=A1 = np.asarray($A2)",
        "$=A1 = $A2[1:]  if len($A2) > 4 else $A2",
        "$=A1 = $A2.copy()",
        "$=A1 = np.array($L2 + [1, 2, 3, 4])",
        "$=A1 = $F2['x'].to_numpy().copy()",
        "$=A1 = np.zeros(5, dtype='int64')",
    ),
    "B": ("$=B1 = np.arange(12).reshape(3, 4)", "$=B1 = np.arange(12.0).reshape(3, 4, order='F')", "$=B1 = np.ones((3, 4)) * $i", "$=B1 = np.asfortranarray(np.arange(12).reshape(3, 4))"),
    "F": (
        "$=F1 = pd.DataFrame({'x': [$k, $k, $k, $k], 'y': [1, 2, 3, $i], 'g': list('abab')})",
        "$=F1 = pd.read_csv('data.csv')",
        "$=F1 = $F2.copy()",
        "$=F1 = $F2[$F2['x'] >= 0]",
        "$=F1 = $F2.assign(y=$F2['y'] + $k)",
        "$=F1 = $F2.sort_values('y', kind='stable')",
        "$=F1 = pd.DataFrame({'x': range(4), 'y': $k, 'g': pd.Categorical(list('xyxy'))})",
        "$=F1 = pd.DataFrame({'x': [1, 2, 3, 4], 'y': [$k] * 4, 'g': list('ppqq')}, index=pd.Index(list('wxyz'), name='key'))",
        "$=F1 = pd.DataFrame({'x': [1, 2], 'y': [3, $k], 'g': ['a', 'b']}, index=pd.date_range('2024-01-01', periods=2, freq='D', tz='UTC'))",
        "$=F1 = $F2",
    ),
    "R": ("$=R1 = $F2['x']", "$=R1 = pd.Series([$k, $k, $k], name='s')", "$=R1 = $F2.groupby('g', observed=True)['y'].sum()", "$=R1 = pd.Series([1, 2, 3], index=pd.MultiIndex.from_tuples([('a', 1), ('a', 2), ('b', 1)], names=['p', 'q']))"),
    "O": ("$=O1 = Acc($k)", "$=O1 = Acc($i, $L2)", "$=O1 = Sub($k)", "$=O1 = $O2"),
    "U": (
        "def $=U1(x_):\n    return x_ + $i",
        "def $=U1(x_, y_=len($L2)):\n    return x_ * 2 + y_",
        "$=U1 = lambda x_: x_ * $k + len($L2)",
        "def $=U1(x_, memo_=[]):\n    memo_.append(x_)\n    return sum(memo_)",
        "$=U1 = functools.partial(pow, 2)",
        "def make_(step_):\n    total_ = [0]\n    def inner_(x_):\n        total_[0] += step_\n        return x_ + total_[0]\n    return inner_\n$=U1 = make_($k)",
        "def $=U1(x_):\n    return x_ if x_ < 2 else x_ + $=U1(x_ - 1)",
        "@functools.lru_cache\ndef $=U1(x_):\n    return x_ + $I2",
        "if $c:\n    def $=U1(x_):\n        return x_ + $k\nelse:\n    def $=U1(x_):\n        return x_ - $k",
        "$=U1 = $O2.add",
        "$=U1 = [lambda x_, i_=i_: x_ + i_ for i_ in range(3)][1]",
        "def $=U1(x_):\n    return $U2(x_) + 1",
        "def deco_(fn_):\n    def wrap_(*args_):\n        return fn_(*args_) + $k\n    return wrap_\n@deco_\ndef $=U1(x_):\n    return x_ + len($L2)",
        "$=U1 = {'f': lambda x_: x_ + $i}['f']",
        "$=U1 = (lambda: (lambda x_: x_ + $k))()",
        "def $=U1(x_):\n    global $I2\n    $I2 = $I2 + x_\n    return $I2",
    ),
    "V": (
        "def $=V1(some_):\n    some_.append($k)\n    return some_",
        "def $=V1(some_, extra_=$k):\n    for _ in range(2):\n        some_ += [extra_]\n    return some_",
        "def $=V1(some_):\n    $L2.append(len(some_))\n    return $L2",
        "def $=V1(some_):\n    copy_ = list(some_)\n    copy_.append($k)\n    return copy_",
        "def $=V1(some_):\n    return some_",
    ),
    "G": ("$=G1 = itertools.count($k)", "def stream_():\n    n_ = $i\n    while True:\n        n_ += 1\n        yield n_\n$=G1 = stream_()", "$=G1 = itertools.cycle($L2)", "$=G1 = (v_ + len($L2) for v_ in itertools.count())"),
    "Q": ("$=Q1 = collections.deque([$k, $k], maxlen=4)", "$=Q1 = collections.deque($L2)"),
    "C": ("$=C1 = collections.Counter('abca')", "$=C1 = collections.Counter(map(str, $L2))"),
    "H": ("$=H1 = collections.defaultdict(list)", "$=H1 = collections.defaultdict(lambda: [$k])"),
    "W": ("$=W1 = Box($k)", "$=W1 = Box(size=$i, items=$L2)"),
    "K": ("$=K1 = np.int64($k)", "$=K1 = np.float32(0.5)", "$=K1 = $A2.max()", "$=K1 = $F2['x'].sum()"),
    "P": ("$=P1 = 'numbers.txt'", "$=P1 = os.path.join('.', 'numbers.txt')"),
    "Y": ("$=Y1 = random.Random($k)",),
    "Z": ("$=Z1 = np.random.default_rng($k)", "$=Z1 = np.random.RandomState($k)"),
}  # fmt: skip

# kind → an expression that shows what `$?1` holds, the same in every process.
SHOWN = {
    "I": "$I1",
    "J": "round($J1, 6)",
    "X": "$X1",
    "L": "$L1",
    "N": "$N1",
    "D": "$D1",
    "E": "$E1",
    "S": "sorted($S1)",
    "T": "$T1",
    "A": "$A1.tolist(), $A1.dtype.str",
    "B": "$B1.tolist(), $B1.flags.f_contiguous",
    "F": "$F1.to_csv(), list(map(str, $F1.dtypes))",
    "R": "$R1.to_dict(), $R1.name, $R1.index.names",
    "O": "$O1.items, $O1.total",
    "U": "$U1(3)",
    "V": "$V1([1])",
    "G": "next($G1)",
    "Q": "list($Q1), $Q1.maxlen",
    "C": "sorted($C1.items())",
    "H": "sorted($H1.items())",
    "W": "$W1",
    "K": "$K1, type($K1).__name__",
    "P": "open($P1).read()",
    "Y": "$Y1.random()",
    "Z": "$Z1.random()",
}

# Names that makers need, and the code that defines them.
CLASSES = {
    "Acc": (
        "class Acc:\n    made = 0\n    shared = []\n    def __init__(self, start, items=None):\n"
        "        self.total = start\n        self.items = [] if items is None else items\n        Acc.made += 1\n"
        "    def add(self, value):\n        self.items.append(value)\n        self.total += value\n        return self.total",
        "class Acc:\n    def __init__(self, start, items=None):\n        self.total = start\n"
        "        self.items = list(items or ())\n    def add(self, value):\n        self.items.append(value)\n"
        "        self.total += value * BASE\n        return self.total\n    def __eq__(self, other):\n"
        "        return vars(self) == vars(other)",
    ),
    "Sub": (
        "class Sub(Acc):\n    def add(self, value):\n        return super().add(value + 1)",
        "class Sub(Acc):\n    limit = 50\n    @property\n    def double(self):\n        return self.total * 2",
    ),
    "Box": (
        "@dataclasses.dataclass\nclass Box:\n    size: int\n    items: list = dataclasses.field(default_factory=list)",
        "@dataclasses.dataclass(order=True)\nclass Box:\n    size: int = BASE\n    items: list = dataclasses.field(default_factory=lambda: [BASE])",
    ),
    "Color": ("class Color(enum.Enum):\n    RED = 1\n    BLUE = 2", "class Color(enum.IntEnum):\n    RED = BASE\n    BLUE = 9"),
    "Pair": ("Pair = collections.namedtuple('Pair', 'x y')", "class Pair(typing.NamedTuple):\n    x: int\n    y: list"),
    "BASE": ("BASE = 3", "BASE = int('4')"),
}  # fmt: skip

IMPORTS = (
    "import collections",
    "import copy",
    "import csv",
    "import dataclasses",
    "import enum",
    "import functools",
    "import glob",
    "import itertools",
    "import json",
    "import operator",
    "import os",
    "import pickle",
    "import random",
    "import sqlite3",
    "import typing",
    "import warnings",
    "import numpy as np",
    "import pandas as pd",
    "from pathlib import Path",
)

# name → (default, other) and the kind it counts as. The pipeline is converted at the first and run at the second too.
PARAMETERS = {
    "n": ((2, 5), "I"),
    "mode": (("lo", "hi"), "X"),
    "rate": ((0.5, 1.25), "J"),
    "steps": (([1, 2], [3, 1, 4]), "L"),
    "flag": ((False, True), None),
}

CONDITIONS = {
    "n": ("n > 3", "n % 2 == 0", "n < 4"),
    "mode": ("mode == 'hi'", "mode in ('lo', 'mid')"),
    "rate": ("rate > 1", "rate < 1"),
    "steps": ("len(steps) > 2", "1 in steps[:1]"),
    "flag": ("flag", "not flag"),
}

FILES = {
    "data.csv": "x,y,g\n1,10,a\n2,20,b\n3,30,a\n4,40,b\n5,50,a\n",
    "numbers.txt": "3\n1\n2\n",
    "words.json": '{"x": [1, 2], "y": {"z": 3}}',
    "tools.py": "CACHE = []\n\n\ndef scaled(value, by=3):\n    return value * by\n\n\ndef remember(value):\n    CACHE.append(value)\n    return len(CACHE)\n",
}
