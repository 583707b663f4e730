"""Order, side effects, tags, expected errors, sizes, what varies by itself."""

from __future__ import annotations

from hazards.hazard import Hazard

HAZARDS = (
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
        "order without a data edge",
        r"""
# %% stage:a
open('ready.flag','w').write('')
# %% stage:b
import os
print('ready' if os.path.getsize('ready.flag')==0 else 'no')
""",
        stages=2,
    ),
    Hazard(
        "cells with only side effects",
        r"""
# %% stage:a
print('first')
# %% stage:b
print('second')
# %% stage:c
print('third')
""",
        stages=3,
    ),
    Hazard(
        "a stage name that comes back",
        r"""
# %% stage:a
x=1
# %% stage:b
y=2
# %% stage:a
print(x+y)
""",
        verdict="refused",
        names=("`a`", "cell 3"),
    ),
    Hazard(
        "two branches that are independent",
        r"""
# %% stage:root
base=[1]
base.append(2)
# %% stage:left
l=sum(base)
# %% stage:right
r=max(base)
# %% stage:join
print(l,r)
""",
        stages=4,
    ),
    Hazard(
        "values that nobody uses later",
        r"""
# %% stage:a
x=[1]; unused=lambda: 0; gen=(i for i in x)
# %% stage:b
y=2; lock=__import__('threading').Lock()
# %% stage:c
print(x,y)
""",
        stages=3,
    ),
    Hazard(
        "a very large value",
        r"""
# %% stage:a
blob=bytes(range(256))*200_000
# %% stage:b
print(len(blob), blob[-1])
""",
        stages=2,
    ),
    Hazard(
        "an array of 80 MB changed at one place",
        r"""
# %%
import numpy as np
# %% stage:a
a=np.zeros(10_000_000)
# %% stage:b
a[9_999_999]=3
# %% stage:c
print(a.sum())
""",
        stages=3,
    ),
    Hazard(
        "a cell that fails",
        r"""
# %% stage:a
x=1
# %% stage:b
x/0
""",
        verdict="refused",
        names=("ZeroDivisionError",),
    ),
    Hazard(
        "a cell that is no Python",
        r"""
# %% stage:a
x=1
# %% stage:b
def broken(:
""",
        verdict="refused",
        names=("cell 2",),
    ),
    Hazard(
        "a kernel that is shut down",
        r"""
# %% stage:a
x=1
# %% stage:b
import os
os._exit(3)
""",
        verdict="refused",
    ),
    Hazard(
        "a seed in a setup cell, drawn in three stages",
        r"""
# %% setup
import random
random.seed(2)
def draw(): return random.random()
# %% stage:a
x=draw()
# %% stage:b
y=draw()
# %% stage:c
print(x,y,draw())
""",
        stages=3,
    ),
    Hazard(
        "a skipped cell that did not matter",
        r"""
# %% stage:a
x=[1]
# %% skip
print(len(x))
plot=x
# %% stage:b
print(x)
""",
        stages=2,
    ),
    Hazard(
        "a skipped cell that drew a random number",
        r"""
# %% stage:a
import random
random.seed(1)
# %% skip
random.random()
# %% stage:b
print(random.random())
""",
        verdict="refused",
        names=("cell 2", "random"),
    ),
    Hazard(
        "a skipped cell that wrote a file",
        r"""
# %% stage:a
x=1
# %% skip
open('s.txt','w').write('s')
# %% stage:b
print(open('s.txt').read(), x)
""",
        verdict="refused",
        names=("cell 2", "s.txt"),
    ),
    Hazard(
        "a skipped cell that set an option",
        r"""
# %% stage:a
x=1
# %% skip
import numpy as np
np.set_printoptions(precision=2)
# %% stage:b
import numpy as np
print(np.array([1/3]), x)
""",
        verdict="refused",
        names=("cell 2", "skip"),
    ),
    Hazard(
        "a skipped import that is used",
        r"""
# %% stage:a
x=1
# %% skip
import json
# %% stage:b
print(json.dumps(x))
""",
        verdict="refused",
        names=("cell 2", "json"),
    ),
    Hazard(
        "an empty stage and one of comments",
        r"""
# %% stage:a

# %% stage:b
# nothing yet
# %% stage:c
print('done')
""",
        stages=3,
    ),
    Hazard(
        "stages with odd names",
        r"""
# %% stage:class
xs=[1]
# %% stage:None
xs.append(2)
# %% stage:sys-path
ys=[3]; ys.append(sum(xs))
# %% stage:definitions
def f(): return xs
print(f(),ys)
""",
        stages=4,
    ),
    Hazard(
        "a stage name that is no name",
        r"""
# %% stage:a
x=1
# %% stage:2nd
print(x)
""",
        verdict="refused",
        names=("cell 2", "2nd"),
    ),
    Hazard(
        "many names at once",
        r"""
# %% stage:a
for_sum=[]
a0=[0]; a1=[1]; a2=[2]; a3=[3]; a4=[4]; a5=[5]; a6=[6]; a7=[7]; a8=[8]; a9=[9]
for x in (a0,a1,a2,a3,a4,a5,a6,a7,a8,a9): x.append(0)
# %% stage:b
print(a0+a1+a2+a3+a4+a5+a6+a7+a8+a9, x is a9)
""",
        stages=2,
    ),
    Hazard(
        "code under the main guard",
        r"""
# %% stage:a
if __name__=='__main__':
    x=[5]
# %% stage:b
print(x, __name__)
""",
        stages=2,
    ),
    Hazard(
        "identities that are printed",
        r"""
# %% stage:a
x=[1]
# %% stage:b
print(id(x))
""",
        verdict="unverified",
        stages=2,
    ),
    Hazard(
        "the process's own number",
        r"""
# %% stage:a
import os
pid=os.getpid()
# %% stage:b
print(pid)
""",
        verdict="unverified",
        stages=1,
    ),
    Hazard(
        "an id from the system's entropy",
        r"""
# %% stage:a
import uuid
u=uuid.uuid4()
# %% stage:b
print(u)
""",
        verdict="same when seeded",
        stages=2,
    ),
    Hazard(
        "a duration that is measured",
        r"""
# %% stage:a
import time
t=time.perf_counter()
s=sum(range(1000))
# %% stage:b
print(s, time.perf_counter()-t>0)
""",
        stages=2,
    ),
    Hazard(
        "standard error only",
        r"""
# %% stage:a
import sys
print('note',file=sys.stderr)
x=1
# %% stage:b
print(x)
""",
        stages=2,
    ),
    Hazard(
        "output in many pieces",
        r"""
# %% stage:a
import sys
for i in range(300): sys.stdout.write(str(i)+' ')
sys.stdout.flush()
# %% stage:b
print('end')
""",
        stages=2,
    ),
    Hazard(
        "an object shown with its address",
        r"""
# %% stage:a
class P: pass
p=P()
# %% stage:b
p
""",
        stages=2,
    ),
    Hazard(
        "threads that print",
        r"""
# %% stage:a
import threading
got=[]
ts=[threading.Thread(target=got.append,args=(i,)) for i in range(3)]
[t.start() for t in ts]; [t.join() for t in ts]
got.sort()
# %% stage:b
print(got)
""",
        stages=2,
    ),
    Hazard(
        "a hash that changes with the process",
        r"""
# %% stage:a
h=hash('text')
# %% stage:b
print(h%1000)
""",
        verdict="unverified",
        stages=1,
    ),
    Hazard(
        "a random seed, an alias, a file and a class together",
        r"""
# %%
import random
class Log:
    def __init__(self): self.rows=[]
    def add(self,x): self.rows.append(x); return self
# %% stage:a
random.seed(7)
log=Log(); rows=log.rows
# %% stage:b
log.add(random.random())
open('l.txt','w').write(str(len(rows)))
# %% stage:c
rows.append(int(open('l.txt').read()))
# %% stage:d
print(log.rows, rows is log.rows, random.random())
""",
        stages=4,
    ),
    Hazard(
        "a closure over an alias, with a default and a global",
        r"""
# %% stage:a
acc=[]
k=2
def mk(scale=k):
    def put(x):
        acc.append(x*scale*k)
        return acc
    return put
# %% stage:b
put=mk()
k=3
out=put(1)
# %% stage:c
print(acc, out is acc)
""",
        stages=3,
    ),
    Hazard(
        "a view, a file and a chdir together",
        r"""
# %%
import numpy as np, os
# %% stage:a
os.makedirs('cd_x',exist_ok=True); os.chdir('cd_x')
a=np.arange(4); v=a[::2]
# %% stage:b
np.save('a.npy',a); v[0]=9
# %% stage:c
print(a, np.load('a.npy'), os.path.basename(os.getcwd()))
""",
        stages=3,
    ),
)
