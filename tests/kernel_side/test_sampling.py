"""A part of a table's rows: which, and what becomes of the file around them."""

from __future__ import annotations

import csv
import gzip
import runpy

import pandas as pd
import pytest

from .conftest import TEMPLATES

SAMPLING = runpy.run_path(str(TEMPLATES / "kernel" / "sampling.py"))


@pytest.fixture
def sample(tmp_path):
    """Sample a file of these bytes; (answer, the new file)."""

    def run(name, data, **options):
        source, target = tmp_path / name, tmp_path / "sampled" / name
        source.write_bytes(data)
        table = {"source": str(source), "target": str(target), "rows": 0.1, "at_least": 10, "take": "spread"}
        return SAMPLING["sample"](table | options), target

    return run


def _csv(rows, kind=lambda number: number % 10):
    return "".join(["id,kind,text\r\n", *(f"{n},{kind(n)},t{n}\r\n" for n in range(rows))]).encode()


def test_rows_are_spread_and_no_kind_is_left_out(sample):
    answer, target = sample("a.csv", _csv(5000))
    frame = pd.read_csv(target)
    assert answer["of"] == 5001  # with the header
    assert answer["taken"] == len(frame) + 1
    assert 480 < len(frame) < 530
    assert set(frame.kind) == set(range(10))
    assert frame.id.is_monotonic_increasing
    assert frame.id.diff().max() < 30
    assert frame.id.iloc[-1] > 4970


def test_the_first_rows(sample):
    _, target = sample("a.csv", _csv(5000), take="first", rows=100)
    assert pd.read_csv(target).id.tolist() == list(range(109))


def test_bytes_of_a_record_stay(sample):
    record = 'x;"two\r\nlines; and ""quotes""";5"\r\n'
    data = ("name;text;size\r\n" + record * 300).encode("latin-1")
    answer, target = sample("a.csv", data)
    written = target.read_bytes().decode("latin-1")
    assert answer["of"] == 301
    assert set(written.removeprefix("name;text;size\r\n").replace(record, "|")) == {"|"}
    assert len(list(csv.reader(written.splitlines(keepends=True), delimiter=";"))) == answer["taken"]


@pytest.mark.parametrize(
    ("name", "data", "options", "why"),
    [
        ("a.csv", _csv(15), {}, "it is small"),
        ("a.csv", _csv(500), {"take": "all"}, "as the profile says"),
        ("a.csv", _csv(500).decode().encode("utf-16"), {}, "its text is UTF-16"),
        ("a.db", b"x" * 5000, {}, ""),
    ],
)
def test_whole(sample, name, data, options, why):
    answer, target = sample(name, data, **options)
    assert answer == {"why": why}
    assert target.read_bytes() == data


def test_packed_and_lines(sample):
    _, target = sample("a.csv.gz", gzip.compress(_csv(1000)))
    assert 100 <= len(pd.read_csv(target)) <= 120
    answer, target = sample("a.jsonl", b"".join(b'{"a": "\\"%d"}\n' % number for number in range(1000)))
    assert answer == {"taken": 100, "of": 1000}
    assert len(pd.read_json(target, lines=True)) == 100


def test_parquet_keeps_its_types(tmp_path, sample):
    frame = pd.DataFrame({"a": pd.Categorical(["x", "y"] * 500), "b": range(1000)})
    for index in (None, "b"):
        frame.set_index(index).to_parquet(tmp_path / "in.pq") if index else frame.to_parquet(tmp_path / "in.pq")
        answer, target = sample("a.parquet", (tmp_path / "in.pq").read_bytes(), rows=0.2)
        found = pd.read_parquet(target)
        assert answer == {"taken": 200, "of": 1000}
        assert len(found) == 200
        assert found.dtypes.to_dict() == pd.read_parquet(tmp_path / "in.pq").dtypes.to_dict()
        assert found.index.name == index
