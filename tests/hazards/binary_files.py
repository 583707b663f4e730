"""Databases, tables and arrays in files, which bypass `open`."""

from __future__ import annotations

from hazards.hazard import Hazard

HAZARDS = (
    Hazard(
        "a database in a file, written twice",
        r"""
# %% stage:a
import sqlite3
with sqlite3.connect('d.db') as c: c.execute('create table t(x)')
c.close()
# %% stage:b
with sqlite3.connect('d.db') as c: c.execute('insert into t values (5)')
c.close()
# %% stage:c
c=sqlite3.connect('d.db')
print(c.execute('select x from t').fetchall())
c.close()
""",
        stages=2,
    ),
    Hazard(
        "a database in a file, read twice",
        r"""
# %% stage:a
import sqlite3
with sqlite3.connect('r.db') as c:
    c.execute('create table t(x)')
    c.execute('insert into t values (5)')
c.close()
# %% stage:b
c=sqlite3.connect('r.db')
x=c.execute('select x from t').fetchall()
c.close()
# %% stage:c
c=sqlite3.connect('r.db')
print(x, c.execute('select count(*) from t').fetchall())
c.close()
""",
        stages=3,
    ),
    Hazard(
        "a Parquet file",
        r"""
# %%
import pandas as pd
# %% stage:a
pd.DataFrame({'a':[1,2]}).to_parquet('t.parquet')
# %% stage:b
import pyarrow.parquet as pq
n=pq.read_table('t.parquet').num_rows
# %% stage:c
print(n, pd.read_parquet('t.parquet').a.tolist())
""",
        stages=3,
    ),
    Hazard(
        "an array mapped from a file and changed through it",
        r"""
# %%
import numpy as np
# %% stage:a
m=np.memmap('m.bin',dtype='i4',mode='w+',shape=3)
m[:]=1
m.flush()
# %% stage:b
m[0]=7
m.flush()
# %% stage:c
print(np.fromfile('m.bin',dtype='i4'))
""",
        stages=2,
    ),
    Hazard(
        "an array file read with mmap_mode",
        r"""
# %%
import numpy as np
# %% stage:a
np.save('a.npy',np.arange(4))
# %% stage:b
a=np.load('a.npy',mmap_mode='r')
# %% stage:c
print(a.sum(), a.flags.writeable)
""",
        stages=2,
    ),
    Hazard(
        "compressed text and pickles",
        r"""
# %% stage:a
import gzip, pickle
with gzip.open('t.gz','wt') as f: f.write('zip')
with open('o.pkl','wb') as f: pickle.dump({'a':{1,2}},f)
# %% stage:b
print(gzip.open('t.gz','rt').read(), pickle.load(open('o.pkl','rb')))
""",
        stages=2,
    ),
    Hazard(
        "a shelf",
        r"""
# %% stage:a
import shelve
with shelve.open('sh') as s: s['a']=[1]
# %% stage:b
with shelve.open('sh') as s: s['b']=2
# %% stage:c
with shelve.open('sh') as s: print(dict(sorted(s.items())))
""",
        stages=2,
    ),
)
