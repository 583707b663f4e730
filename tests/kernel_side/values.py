"""Makers of values of many types, by name. Also run in subprocesses, so that each process makes its own."""

from __future__ import annotations

import datetime
import decimal
import enum
import functools
import pathlib
import uuid
from collections import Counter, OrderedDict, defaultdict, deque
from dataclasses import dataclass, field

import numpy as np
import pandas as pd


class Color(enum.Enum):
    RED = 1


@dataclass
class Point:
    x: float
    tags: set = field(default_factory=set)


class Slotted:
    __slots__ = ("a", "b")

    def __init__(self):
        self.a, self.b = 1, ["x"]


class Record(dict):
    """A mapping whose keys are its attributes."""

    def __init__(self, **given: object) -> None:
        super().__init__(given)
        self.__dict__ = self


class Words(set):
    """A subclass of set."""


def _cyclic():
    value = [1]
    value.append({"self": value})
    return value


def _frame(**extra):
    return pd.DataFrame({"a": [1, 2, 3], "b": ["x", None, "z"], "c": [0.5, np.nan, -0.0]}).assign(**extra)


def _cells():
    return _frame(d=[{"u", "v"}, [1], None], e=[datetime.date(2020, 1, 2), None, "text"])


def _typed():
    return pd.DataFrame(
        {
            "category": pd.Categorical(["a", "b", None], categories=["b", "a"], ordered=True),
            "nullable": pd.array([1, None, 3], dtype="Int64"),
            "flag": pd.array([True, None, False], dtype="boolean"),
            "zone": pd.to_datetime(["2020-01-01", "2021-01-01", None]).tz_localize("Europe/Paris"),
            "span": pd.to_timedelta([1, 2, 3], unit="h"),
        },
        index=pd.Index(["i", "j", "k"], name="key"),
    )


def _filtered():
    frame = pd.DataFrame({"text": [f"row {number}" for number in range(50)], "n": range(50)})
    return frame[frame["n"] % 7 == 1]


def _data():
    rng = np.random.default_rng(0)
    features = rng.normal(size=(80, 4))
    return features, (features[:, 0] > 0).astype(int)


def _estimator(name, **options):
    from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
    from sklearn.linear_model import LogisticRegression

    kinds = {
        "forest": RandomForestClassifier,
        "boosting": HistGradientBoostingClassifier,
        "logistic": LogisticRegression,
    }
    return kinds[name](**options).fit(*_data())


def _text_pipeline():
    from sklearn.compose import ColumnTransformer
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import OneHotEncoder, StandardScaler

    frame = pd.DataFrame({"n": [1.0, 2.0, 3.0], "c": ["u", "v", "u"], "t": ["one two", "two", "three"]})
    columns = ColumnTransformer(
        [("n", StandardScaler(), ["n"]), ("c", OneHotEncoder(), ["c"]), ("t", TfidfVectorizer(), "t")]
    )
    return make_pipeline(columns).fit(frame)


def _views():
    base = np.arange(12.0).reshape(3, 4)
    return base, base[:, 1:], base[:, 0]


def _padded():
    value = np.empty(4, dtype=np.dtype([("a", "u1"), ("b", "f8")], align=True))
    value["a"], value["b"] = 1, 2.5
    return value


def _split():
    from sklearn.model_selection import train_test_split

    frame = pd.DataFrame(_data()[0], columns=list("abcd"))
    return tuple(train_test_split(frame, frame["a"], random_state=0))


def _neighbours():
    from sklearn.neighbors import KNeighborsClassifier

    return KNeighborsClassifier(algorithm="kd_tree").fit(*_data())


def _process():
    from sklearn.gaussian_process import GaussianProcessRegressor

    return GaussianProcessRegressor().fit(*_data())  # holds NumPy's global generator


def _sparse():
    import scipy.sparse

    return scipy.sparse.csr_matrix(np.eye(3))


# Name -> (maker, the format that carries it).
VALUES = {
    "none": (lambda: None, "json"),
    "bool": (lambda: True, "json"),
    "big int": (lambda: 3**200, "json"),
    "float": (lambda: 0.1 + 0.2, "json"),
    "negative zero": (lambda: -0.0, "json"),
    "nan": (lambda: float("nan"), "json"),
    "infinity": (lambda: [float("inf"), float("-inf")], "json"),
    "text": (lambda: "naïve\n\u2028\udc80", "json"),
    "nested": (lambda: {"b": [1, 2.5, None, {"z": True}], "a": {}}, "json"),
    "tuple": (lambda: (1, "a"), "pickle"),
    "int keys": (lambda: {1: "a"}, "pickle"),
    "complex": (lambda: 1 - 2j, "pickle"),
    "bytes": (lambda: [b"abc", b"abc"], "pickle"),
    "bytearray": (lambda: bytearray(b"abc"), "pickle"),
    "set": (lambda: {"one", "two", "three", "four"}, "pickle"),
    "sets": (lambda: {"a": {"x", "y", "z"}, "b": frozenset({("p", 1), ("q", 2), "r"})}, "pickle"),
    "set subclass": (lambda: Words({"x", "y", "z"}), "pickle"),
    "cycle": (_cyclic, "pickle"),
    "shared": (lambda: [[1]] * 2, "pickle"),
    "ordered dict": (lambda: OrderedDict(b=1, a=2), "pickle"),
    "default dict": (lambda: defaultdict(set, a={"x", "y"}), "pickle"),
    "mapping with attributes": (lambda: Record(a=[1], b="x"), "pickle"),
    "counter": (lambda: Counter("abca"), "pickle"),
    "deque": (lambda: deque([1, 2], maxlen=3), "pickle"),
    "range": (lambda: [range(3), slice(1, None)], "pickle"),
    "date": (lambda: datetime.datetime(2020, 1, 2, tzinfo=datetime.UTC), "pickle"),
    "decimal": (lambda: decimal.Decimal("1.10"), "pickle"),
    "path": (lambda: pathlib.PurePosixPath("a/b"), "pickle"),
    "uuid": (lambda: uuid.UUID(int=5), "pickle"),
    "enum": (lambda: Color.RED, "pickle"),
    "dataclass": (lambda: [Point(1.0, {"u", "v", "w"})] * 2, "pickle"),
    "slots": (Slotted, "pickle"),
    "partial": (lambda: functools.partial(int, base=2), "pickle"),
    "function": (lambda: _views, "pickle"),
    "class": (lambda: Point, "pickle"),
    "array": (lambda: np.arange(6.0).reshape(2, 3), "npy"),
    "fortran": (lambda: np.asfortranarray(np.arange(6.0).reshape(2, 3)), "npy"),
    "strided": (lambda: np.arange(12).reshape(3, 4)[:, ::2], "npy"),
    "permuted": (lambda: np.arange(24.0).reshape(2, 3, 4).transpose(1, 2, 0), "npy"),
    "read-only": (lambda: _read_only(), "npy"),
    "scalar array": (lambda: np.array(3), "npy"),
    "empty array": (lambda: np.empty((0, 3)), "npy"),
    "empty arrays": (lambda: [np.empty(0), np.empty(0), np.empty(0)], "pickle"),
    "text array": (lambda: np.array(["a", "bcd"]), "npy"),
    "dates array": (lambda: np.array(["2020-01-01", "NaT"], dtype="M8[ns]"), "npy"),
    "aligned records": (_padded, "pickle"),
    "records": (lambda: np.array([(1, 2.5)], dtype=[("a", "u1"), ("b", "f8")]), "npy"),
    "two records": (lambda: [_padded(), _padded()], "pickle"),
    "objects": (lambda: np.array([1, "a", None, np.nan], dtype=object), "pickle"),
    "long double": (lambda: np.longdouble(1) / 3, "pickle"),
    "numpy scalar": (lambda: [np.float64(1.5), np.int8(3), np.datetime64("2020"), np.bool_(True)], "pickle"),
    "masked": (lambda: np.ma.array([1.0, 2.0], mask=[False, True]), "pickle"),
    "views": (_views, "pickle"),
    "generator": (lambda: np.random.default_rng(3), "pickle"),
    "random state": (lambda: np.random.RandomState(3), "pickle"),
    "sparse": (_sparse, "pickle"),
    "frame": (_frame, "parquet"),
    "typed frame": (_typed, "parquet"),
    "filtered frame": (_filtered, "parquet"),
    "frame with cells": (_cells, "pickle"),
    "frame with freq": (lambda: _frame().set_index(pd.date_range("2020", periods=3)), "pickle"),
    "frame with mixed labels": (lambda: pd.DataFrame({"a": [1], 2: [3]}), "pickle"),
    "frames": (lambda: (_typed(), _filtered(), _cells()), "pickle"),
    "series": (lambda: _frame()["b"], "column"),
    "filtered series": (lambda: _filtered()["text"], "column"),
    "series of one row": (lambda: _frame()["b"].iloc[:1].copy(), "column"),
    "series of no rows": (lambda: _frame()["b"].iloc[:0].copy(), "column"),
    "series of categories": (lambda: pd.Series(["x", "y", "x"], name="c", dtype="category"), "column"),
    "series over time": (
        lambda: pd.Series([1.0], pd.DatetimeIndex(["2020-01-01"], tz="UTC", name="t"), name="v"),
        "column",
    ),
    "series with a frequency": (lambda: pd.Series(1.5, pd.date_range("2020", periods=3, freq="D"), name="v"), "pickle"),
    "series without a name": (lambda: pd.Series([1, 2]), "pickle"),
    "series named by a number": (lambda: pd.Series([1, 2], name=3), "pickle"),
    "series of sets": (lambda: pd.Series([{1}, {2}], name="s"), "pickle"),
    "index": (lambda: pd.MultiIndex.from_product([[1, 2], ["a", "b"]], names=["n", None]), "pickle"),
    "timestamp": (lambda: pd.Timestamp("2020-01-01", tz="UTC"), "pickle"),
    "extension array": (lambda: pd.array([1, None], dtype="Int64"), "pickle"),
    "logistic": (lambda: _estimator("logistic"), "pickle"),
    "forest": (lambda: _estimator("forest", n_estimators=5, random_state=0), "pickle"),
    "boosting": (lambda: _estimator("boosting", max_iter=5, random_state=0), "pickle"),
    "neighbours": (_neighbours, "pickle"),
    "gaussian process": (_process, "pickle"),
    "split frames": (_split, "pickle"),
    "text pipeline": (_text_pipeline, "pickle"),
}


def _read_only():
    value = np.arange(3.0)
    value.flags.writeable = False
    return value
