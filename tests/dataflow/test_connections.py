"""Whom a notebook contacts: text → cell, call, host, and whether it looks like a write."""

from __future__ import annotations

import pytest

from nb2prod.dataflow.connections import find_connections
from nb2prod.notebook.model import Cell, Notebook


def _found(*sources: str) -> list[str]:
    cells = tuple(Cell(f"c{number}", number, "code", source) for number, source in enumerate(sources))
    found = find_connections(Notebook("n", "n.ipynb", cells, "python3"))
    return [f"{one.cell} {one.call} {one.host or '?'}{' write' if one.writes else ''}" for one in found]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("import requests\nrequests.get('https://api.example.org/v1?key=abc')", "0 requests.get api.example.org"),
        ("import requests as r\nr.post('https://u:pw@h.org:8443/x')", "0 requests.post h.org:8443 write"),
        ("from requests import put\nput(address)", "0 requests.put ? write"),
        ("import requests\ns = requests.Session()\ns.get('https://h.org')", "0 s.get h.org"),
        ("import requests\ns = requests.Session()\ns.delete('https://h.org')", "0 s.delete h.org write"),
        ("import requests\nwith requests.Session() as s:\n    s.patch('http://h')", "0 s.patch h write"),
        ("import requests\nrequests.Session().get('http://h')", "0 requests.Session().get h"),
        ("from urllib.request import urlopen\nurlopen('http://127.0.0.1:80/a')", "0 urllib.request.urlopen 127.0.0.1:80"),
        ("import urllib.request as u\nu.urlretrieve(f'http://h/{x}')", "0 urllib.request.urlretrieve h"),
        ("import urllib.request\nurllib.request.urlopen(urllib.request.Request('http://h', headers=k))", "0 urllib.request.urlopen h"),
        ("import httpx\nhttpx.get('https://h.org')", "0 httpx.get h.org"),
        ("import pandas as pd\npd.read_csv('https://h.org/a.csv')", "0 pandas.read_csv h.org"),
        ("import pandas as pd\nURL = 'https://h.org'\npd.read_csv(URL + '/a.csv')", "0 pandas.read_csv h.org"),
        ("import pandas as pd\npd.read_parquet('s3://bucket/key')", "0 pandas.read_parquet s3://bucket"),
        ("import fsspec\nwith fsspec.open('s3://bucket/key') as f: pass", "0 fsspec.open s3://bucket"),
        ("import boto3\nboto3.client('s3')", "0 boto3.client s3 (AWS)"),
        ("import boto3\nboto3.client('s3', endpoint_url='http://u:p@h:9')", "0 boto3.client h:9"),
        ("from sqlalchemy import create_engine\ncreate_engine(f'postgresql://me:{pw}@db.org:5432/x')", "0 sqlalchemy.create_engine db.org:5432"),
        ("import psycopg\npsycopg.connect('host=db.org password=x')", "0 psycopg.connect db.org"),
        ("import psycopg2\npsycopg2.connect(host='db.org', port=5432, password='x')", "0 psycopg2.connect db.org:5432"),
        ("import psycopg\npsycopg.connect(CONNECTION)", "0 psycopg.connect ?"),
        ("import socket\nsocket.create_connection(('h.org', 80))", "0 socket.create_connection h.org:80"),
        ("from sklearn.datasets import fetch_openml\nfetch_openml('a')", "0 sklearn.datasets.fetch_openml ?"),
        ("!curl -s https://u:pw@h.org/x?token=1 > a", "0 curl h.org"),
        ("x = !wget http://h.org", "0 wget h.org"),
        ("import subprocess\nsubprocess.run(['git', 'clone', 'https://h.org/a'])", "0 git clone h.org"),
        ("import requests\ndef load():\n    return requests.get('https://h.org')", "0 requests.get h.org"),
    ],
)  # fmt: skip
def test_one_connection(source: str, expected: str) -> None:
    assert _found(source) == [expected]


@pytest.mark.parametrize(
    "source",
    [
        "import pandas as pd\npd.read_csv('data/a.csv')",
        "import requests",
        "print('https://h.org')",
        "open('a.txt')",
        "from sqlalchemy import create_engine\nengine = create_engine('sqlite:///a.db')\nframe.to_sql('t', engine)",
        "import sqlite3\ndb = sqlite3.connect('a.db')\ndb.execute('INSERT INTO t VALUES (1)')",
        "cache = {}\ncache.get('https://h.org')",
        "import socket\nsocket.gethostname()",
        "!echo curling",
        "queue.put('https://h.org')",
    ],
)
def test_no_connection(source: str) -> None:
    assert _found(source) == []


def test_writes_of_a_database() -> None:
    cells = (
        "import psycopg\ndb = psycopg.connect('host=db.org')",
        "db.execute('select 1')",
        "db.execute('  -- why\\n  Insert into t values (1)')",
        "frame.to_sql('t', db)",
    )
    assert _found(*cells) == ["0 psycopg.connect db.org", "2 db.execute db.org write", "3 frame.to_sql db.org write"]


def test_objects_that_are_put() -> None:
    found = _found("import boto3\ns3 = boto3.client('s3')", "s3.put_object(Bucket='b')", "s3.get_object(Bucket='b')")
    assert found == ["0 boto3.client s3 (AWS)", "1 s3.put_object s3 (AWS) write"]


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1:80", "localhost:…", "[::1]:80"])
def test_own_servers_are_no_other_machines(host: str) -> None:
    from nb2prod.dataflow.connections import Connection

    assert Connection(0, "requests.get", host).is_local
    assert not Connection(0, "psycopg.connect", host, unseen=True).is_local
    assert not Connection(0, "requests.get", f"{host}.example.org").is_local
