"""Objects that live in one process: handles, threads, iterators, drawings."""

from __future__ import annotations

from hazards.hazard import Hazard

HAZARDS = (
    Hazard(
        "a generator advanced in three stages",
        r"""
# %% stage:a
g=(i for i in range(5))
next(g)
# %% stage:b
print(next(g))
# %% stage:c
print(list(g))
""",
        stages=1,
    ),
    Hazard(
        "a lock that is held",
        r"""
# %% stage:a
import threading
l=threading.Lock()
l.acquire()
# %% stage:b
print(l.locked())
""",
        stages=1,
    ),
    Hazard(
        "an open file, written in two stages",
        r"""
# %% stage:a
f=open('out.txt','w')
f.write('a')
# %% stage:b
f.write('b')
f.close()
# %% stage:c
print(open('out.txt').read())
""",
        stages=2,
    ),
    Hazard(
        "an open file, read in two stages",
        r"""
# %% stage:a
f=open('in.txt')
first=f.readline()
# %% stage:b
print(first, f.readline())
""",
        stages=1,
        beside={"in.txt": "one\ntwo\n"},
    ),
    Hazard(
        "a database in memory",
        r"""
# %% stage:a
import sqlite3
db=sqlite3.connect(':memory:')
db.execute('create table t(x)')
# %% stage:b
db.execute('insert into t values (1),(2)')
# %% stage:c
print(db.execute('select sum(x) from t').fetchall())
""",
        stages=1,
    ),
    Hazard(
        "a socket",
        r"""
# %% stage:a
import socket
s=socket.socket()
s.settimeout(2.5)
# %% stage:b
print(s.gettimeout())
s.close()
""",
        stages=1,
    ),
    Hazard(
        "a thread that fills a list",
        r"""
# %% stage:a
import threading
out=[]
t=threading.Thread(target=lambda: out.append(1))
t.start()
# %% stage:b
t.join()
print(out, t.is_alive())
""",
        stages=1,
    ),
    Hazard(
        "a thread pool",
        r"""
# %% stage:a
from concurrent.futures import ThreadPoolExecutor
pool=ThreadPoolExecutor(2)
f=pool.submit(pow,2,5)
# %% stage:b
print(f.result(), list(pool.map(abs,[-1,-2])))
""",
        stages=1,
    ),
    Hazard(
        "a figure whose axes are drawn on later",
        r"""
# %%
import matplotlib.pyplot as plt
# %% stage:a
fig,ax=plt.subplots()
plt.close(fig)
# %% stage:b
ax.plot([1,2],[3,4])
ax.set_title('t')
# %% stage:c
print(len(ax.lines), ax.get_title(), fig.axes[0] is ax)
""",
        stages=1,
    ),
    Hazard(
        "the current figure",
        r"""
# %%
import matplotlib.pyplot as plt
# %% stage:a
plt.ioff()
fig=plt.figure()
plt.plot([1,2])
# %% stage:b
print(len(plt.gcf().axes), plt.gcf() is fig)
plt.close('all')
""",
        stages=1,
    ),
    Hazard(
        "iterators halfway",
        r"""
# %% stage:a
import itertools
it=iter([1,2,3]); next(it)
c=itertools.count(5); next(c)
# %% stage:b
print(list(it), next(c))
""",
        stages=1,
    ),
    Hazard(
        "zip and enumerate halfway",
        r"""
# %% stage:a
z=zip('abc',[1,2,3]); next(z)
e=enumerate('ab')
# %% stage:b
print(list(z), list(e))
""",
        stages=1,
    ),
    Hazard(
        "a cycle of colours",
        r"""
# %% stage:a
import itertools
colours=itertools.cycle(['r','g'])
a=next(colours)
# %% stage:b
b=next(colours)
# %% stage:c
print(a,b,next(colours))
""",
        stages=1,
    ),
    Hazard(
        "a reader of csv lines",
        r"""
# %% stage:a
import csv
rows=csv.reader(open('t.csv'))
head=next(rows)
# %% stage:b
print(head, list(rows))
""",
        stages=1,
        beside={"t.csv": "a,b\n1,2\n"},
    ),
    Hazard(
        "a coroutine that is awaited later",
        r"""
# %% stage:a
async def f(): return 3
c=f()
# %% stage:b
print(await c)
""",
        stages=1,
    ),
    Hazard(
        "a temporary folder that removes itself",
        r"""
# %% stage:a
import tempfile, os
t=tempfile.TemporaryDirectory()
open(os.path.join(t.name,'x'),'w').write('1')
# %% stage:b
print(os.listdir(t.name))
""",
        verdict="unverified",
        stages=1,
    ),
    Hazard(
        "a subprocess that is still running",
        r"""
# %% stage:a
import subprocess
p=subprocess.Popen(['cat'],stdin=subprocess.PIPE,stdout=subprocess.PIPE,text=True)
# %% stage:b
print(p.communicate('hi')[0], p.returncode)
""",
        stages=1,
    ),
    Hazard(
        "a queue and an event",
        r"""
# %% stage:a
import queue, threading
q=queue.Queue(); q.put(1)
ev=threading.Event(); ev.set()
# %% stage:b
print(q.get(), ev.is_set())
""",
        stages=1,
    ),
)
