"""Notebooks with one hazard each, in jupytext's percent form: what must not be green but wrong.

Each entry: what it is, the cells (`# %% tags`), the verdict, and the fewest stages that are acceptable.
"""

from __future__ import annotations

from typing import NamedTuple


class Hazard(NamedTuple):
    """One notebook, the verdict that is right for it, and in how many stages it must come out at least."""

    title: str
    cells: str
    verdict: str = "same"
    stages: int = 0


HAZARDS = (
    Hazard(
        "two names for one list",
        r"""
# %% stage:a
a=[1]
b=a
# %% stage:b
a.append(2)
# %% stage:c
print(b)
""",
        stages=3,
    ),
    Hazard(
        "a list inside a mapping, changed from both sides",
        r"""
# %% stage:a
a=[1]
b={'x':a}
# %% stage:b
b['x'].append(2)
# %% stage:c
a.append(3)
print(b, a is b['x'])
""",
        stages=3,
    ),
    Hazard(
        "a function reads a global that is rebound",
        r"""
# %% stage:a
k=3
def f(x): return x*k
# %% stage:b
k=4
y=f(2)
# %% stage:c
k=5
print(f(y))
""",
        stages=3,
    ),
    Hazard(
        "a default argument evaluated at definition",
        r"""
# %% stage:a
n=[1,2]
def f(x, m=len(n)): return x+m
# %% stage:b
n.append(1)
print(f(1))
""",
        stages=1,
    ),
    Hazard(
        "a closure that counts",
        r"""
# %% stage:a
def mk():
    c=[0]
    def inc():
        c[0]+=1
        return c[0]
    return inc
inc=mk()
# %% stage:b
print(inc())
# %% stage:c
print(inc())
""",
        stages=1,
    ),
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
        "Python's seeded generator goes on",
        r"""
# %% stage:a
import random
random.seed(3)
# %% stage:b
x=random.random()
# %% stage:c
y=random.random()
print(x,y)
""",
        stages=3,
    ),
    Hazard(
        "a NumPy generator object goes on",
        r"""
# %% stage:a
import numpy as np
rng=np.random.default_rng(1)
# %% stage:b
x=rng.normal()
# %% stage:c
print(rng.normal(),x)
""",
        stages=3,
    ),
    Hazard(
        "nobody seeded",
        r"""
# %% stage:a
import random
x=random.random()
# %% stage:b
print(x, random.random())
""",
        verdict="same when seeded",
        stages=2,
    ),
    Hazard(
        "the working directory changes",
        r"""
# %% stage:a
import os
os.makedirs('d',exist_ok=True)
os.chdir('d')
x=1
# %% stage:b
open('f.txt','w').write(str(x))
# %% stage:c
print(open('f.txt').read(), os.path.basename(os.getcwd()))
""",
        stages=2,
    ),
    Hazard(
        "an environment variable is set",
        r"""
# %% stage:a
import os
os.environ['Q']='7'
# %% stage:b
print(os.environ['Q'])
""",
        stages=2,
    ),
    Hazard(
        "a lambda in a mapping",
        r"""
# %% stage:a
d={'f':lambda x:x+1}
# %% stage:b
print(d['f'](1))
""",
        stages=1,
    ),
    Hazard(
        "a defaultdict with a lambda",
        r"""
# %% stage:a
from collections import defaultdict
d=defaultdict(lambda: 3)
d['x']
# %% stage:b
print(d['y'],dict(d))
""",
        stages=1,
    ),
    Hazard(
        "an instance of a notebook's class changes",
        r"""
# %% stage:a
class P:
    def __init__(s,v): s.v=v
p=P(3)
# %% stage:b
p.v+=1
# %% stage:c
print(p.v, isinstance(p,P))
""",
        stages=3,
    ),
    Hazard(
        "a class attribute counts instances",
        r"""
# %% stage:a
class P:
    n=0
    def __init__(s): P.n+=1
p=P()
# %% stage:b
q=P()
# %% stage:c
print(P.n)
""",
        stages=1,
    ),
    Hazard(
        "a name bound by exec",
        r"""
# %% stage:a
x=1
exec('zz=5')
# %% stage:b
print(zz+x)
""",
        stages=2,
    ),
    Hazard(
        "a name read through globals()",
        r"""
# %% stage:a
abc=4
# %% stage:b
print(globals()['abc'])
""",
        stages=2,
    ),
    Hazard(
        "a library's function is replaced",
        r"""
# %% stage:a
import math
math.pi=3
# %% stage:b
print(math.pi)
""",
        stages=1,
    ),
    Hazard(
        "a file written and read by the shell",
        r"""
# %% stage:a
!echo hi > f.txt
# %% stage:b
t = !cat f.txt
print(t)
""",
        stages=2,
    ),
    Hazard(
        "a module written by a cell",
        r"""
# %% stage:a
%%writefile modx.py
V=4
# %% stage:b
import modx
print(modx.V)
""",
        stages=2,
    ),
    Hazard(
        "a name deleted between",
        r"""
# %% stage:a
x=1
y=2
# %% stage:b
del x
# %% stage:c
try:
    print(x)
except NameError as e:
    print('gone', e)
print(y)
""",
        stages=3,
    ),
    Hazard(
        "a branch that is not taken rebinds",
        r"""
# %% stage:a
flag=False
x=1
# %% stage:b
if flag:
    x=2
# %% stage:c
print(x)
""",
        stages=3,
    ),
    Hazard(
        "the last result by underscore",
        r"""
# %% stage:a
5+3
# %% stage:b
print(_)
""",
        stages=1,
    ),
    Hazard(
        "a file appended to in a second stage",
        r"""
# %% stage:a
open('log.txt','w').write('a')
# %% stage:b
open('log.txt','a').write('b')
# %% stage:c
print(open('log.txt').read())
""",
        stages=2,
    ),
    Hazard(
        "a cache remembers a call",
        r"""
# %% stage:a
import functools
calls=[]
@functools.lru_cache
def f(x):
    calls.append(x)
    return x
# %% stage:b
f(1)
# %% stage:c
f(1); print(calls)
""",
        stages=2,
    ),
    Hazard(
        "a named tuple",
        r"""
# %% stage:a
from collections import namedtuple
P=namedtuple('P','x y')
p=P(1,{2,3})
# %% stage:b
print(p.x, sorted(p.y), p)
""",
        stages=1,
    ),
    Hazard(
        "an enum member keeps its identity",
        r"""
# %% stage:a
import enum
class C(enum.Enum):
    R=1
c=C.R
# %% stage:b
print(c is C.R)
""",
        stages=2,
    ),
    Hazard(
        "a line derived from a parameter",
        r"""
# %% parameters
n=3
m=n*2
L=[1,2]
# %% stage:a
x=n+m
# %% stage:b
L.append(x)
# %% stage:c
print(L, m)
""",
        stages=3,
    ),
    Hazard(
        "a setup cell with a seed",
        r"""
# %% setup
import random
random.seed(1)
# %% stage:a
x=random.random()
# %% stage:b
print(random.random(), x)
""",
        stages=2,
    ),
    Hazard(
        "a star import",
        r"""
# %%
from math import *
# %% stage:a
x=sin(1)
# %% stage:b
print(cos(x))
""",
        stages=2,
    ),
    Hazard(
        "a top-level await",
        r"""
# %% stage:a
import asyncio
async def f(): return 4
x = await f()
# %% stage:b
print(x, await f())
""",
        stages=2,
    ),
    Hazard(
        "a frame changed in place, a column kept beside it",
        r"""
# %%
import pandas as pd
pd.set_option('display.precision',2)
# %% stage:a
df=pd.DataFrame({'a':[1.23456,2.0],'b':['x',None]})
s=df['a']
# %% stage:b
df.loc[0,'a']=9.87654
# %% stage:c
display(df)
print(s)
""",
        stages=3,
    ),
    Hazard(
        "a skipped cell that mattered",
        r"""
# %% stage:a
x=[1]
# %% skip
x.append(2)
# %% stage:b
print(x)
""",
        verdict="refused",
    ),
    Hazard(
        "two names for one plain object",
        r"""
# %% stage:a
a=object()
b=a
# %% stage:b
print(a is b)
""",
        stages=2,
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
        "the time of day",
        r"""
# %% stage:a
import datetime
t=datetime.datetime.now()
# %% stage:b
print(t.year>2000)
""",
        verdict="unverified",
        stages=2,
    ),
    Hazard(
        "a set of strings, sorted",
        r"""
# %% stage:a
s={'a','b','c','d'}
# %% stage:b
print(sorted(s), len(s))
""",
        stages=2,
    ),
    Hazard(
        "a set of strings, printed as it comes",
        r"""
# %% stage:a
s={'a','b','c','d'}
# %% stage:b
print(s)
""",
        verdict="unverified",
        stages=2,
    ),
    Hazard(
        "a warning filter",
        r"""
# %% stage:a
import warnings
warnings.simplefilter('error')
x=1
# %% stage:b
try:
    warnings.warn('q')
except UserWarning: print('raised')
""",
        stages=2,
    ),
    Hazard(
        "one list twice in a tuple",
        r"""
# %% stage:a
a=[1]
t=(a,a)
# %% stage:b
t[0].append(2)
# %% stage:c
print(t, a)
""",
        stages=3,
    ),
    Hazard(
        "a file outside the project passes between",
        r"""
# %% stage:a
import tempfile,os
p=os.path.join(tempfile.gettempdir(),'nb_x_file.txt')
open(p,'w').write('5')
# %% stage:b
print(open(p).read())
""",
        stages=1,
    ),
    Hazard(
        "files found by a pattern",
        r"""
# %% stage:a
import os
os.makedirs('d',exist_ok=True)
for i in range(3): open(f'd/{i}.txt','w').write(str(i))
# %% stage:b
import glob
print([open(f).read() for f in sorted(glob.glob('d/*.txt'))])
""",
        stages=2,
    ),
)
