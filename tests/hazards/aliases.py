"""Two ways to one object, of which one is changed later."""

from __future__ import annotations

from hazards.hazard import Hazard

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
        "a view of an array, the base changed",
        r"""
# %%
import numpy as np
# %% stage:a
a=np.arange(6)
v=a[1:4]
# %% stage:b
a[2]=50
# %% stage:c
v[0]=-1
print(a, v)
""",
        stages=3,
    ),
    Hazard(
        "a view that is asked for its base",
        r"""
# %%
import numpy as np
# %% stage:a
a=np.arange(3)
v=a[1:]
# %% stage:b
print(v.base is a)
""",
        stages=1,
    ),
    Hazard(
        "a reshaped and a transposed view",
        r"""
# %%
import numpy as np
# %% stage:a
a=np.arange(6)
m=a.reshape(2,3)
t=m.T
# %% stage:b
t[0,1]=99
# %% stage:c
print(a, m.flags['OWNDATA'], t.flags['F_CONTIGUOUS'])
""",
        stages=3,
    ),
    Hazard(
        "an estimator inside a pipeline",
        r"""
# %%
import numpy as np
from sklearn.linear_model import Ridge
from sklearn.pipeline import Pipeline
# %% stage:a
ridge=Ridge()
pipe=Pipeline([('m',ridge)])
# %% stage:b
pipe.fit(np.arange(4.0).reshape(-1,1),[0.0,1.0,2.0,4.0])
# %% stage:c
print(ridge.coef_.round(6), pipe.named_steps['m'] is ridge)
""",
        stages=3,
    ),
    Hazard(
        "a bound method and its list",
        r"""
# %% stage:a
xs=[1]
put=xs.append
# %% stage:b
put(2)
# %% stage:c
print(xs, put.__self__ is xs)
""",
        stages=3,
    ),
    Hazard(
        "both passed on, one changed later",
        r"""
# %% stage:a
a=[1]
b={'k':a}
# %% stage:b
n=len(a)
# %% stage:c
a.append(n)
# %% stage:d
print(b, b['k'] is a)
""",
        stages=4,
    ),
    Hazard(
        "a multiplied row",
        r"""
# %% stage:a
grid=[[0]*2]*3
# %% stage:b
grid[0][1]=7
# %% stage:c
print(grid)
""",
        stages=3,
    ),
    Hazard(
        "one assignment, two names",
        r"""
# %% stage:a
x=y=[]
# %% stage:b
x.append(1)
# %% stage:c
print(y)
""",
        stages=3,
    ),
    Hazard(
        "a loop leaves a name for the last row",
        r"""
# %% stage:a
rows=[[1],[2]]
for row in rows: pass
# %% stage:b
row.append(9)
# %% stage:c
print(rows)
""",
        stages=3,
    ),
    Hazard(
        "an alias made later, changed later still",
        r"""
# %% stage:a
a=[1]
# %% stage:b
b=a
# %% stage:c
b.append(2)
# %% stage:d
print(a, a is b)
""",
        stages=4,
    ),
    Hazard(
        "an alias that is broken by rebinding",
        r"""
# %% stage:a
a=[1]
b=a
# %% stage:b
a=a+[2]
# %% stage:c
b.append(3)
# %% stage:d
print(a,b)
""",
        stages=4,
    ),
    Hazard(
        "a function hands out its global",
        r"""
# %% stage:a
store=[1]
def get(): return store
# %% stage:b
get().append(2)
# %% stage:c
print(store, get() is store)
""",
        stages=3,
    ),
    Hazard(
        "the owner is deleted, the part lives on",
        r"""
# %% stage:a
d={'x':[1]}
part=d['x']
other=d
# %% stage:b
del d
part.append(2)
# %% stage:c
print(other)
""",
        stages=3,
    ),
    Hazard(
        "a NaN that is one object",
        r"""
# %% stage:a
nan=float('nan')
xs=[1,nan]
# %% stage:b
print(nan in xs, xs.count(nan))
""",
        stages=1,
    ),
    Hazard(
        "NumPy's NaN looked for in a list",
        r"""
# %%
import numpy as np
# %% stage:a
xs=[1.0,np.nan]
# %% stage:b
print(np.nan in xs, xs.index(np.nan) if np.nan in xs else None)
""",
        stages=1,
    ),
    Hazard(
        "a sentinel that is compared by identity",
        r"""
# %% stage:a
MISSING=object()
row={'a':MISSING,'b':1}
# %% stage:b
print([k for k,v in row.items() if v is MISSING])
""",
        stages=2,
    ),
    Hazard(
        "a large int with two names",
        r"""
# %% stage:a
a=10**30
b=a
c=(1,2)
d=c
# %% stage:b
print(a==b, c==d)
""",
        stages=2,
    ),
    Hazard(
        "a memoryview of a bytearray",
        r"""
# %% stage:a
buf=bytearray(b'abc')
view=memoryview(buf)
# %% stage:b
view[0]=ord('z')
# %% stage:c
print(bytes(buf))
""",
        stages=2,
    ),
    Hazard(
        "a weak reference",
        r"""
# %% stage:a
import weakref
class C: v=1
c=C()
r=weakref.ref(c)
# %% stage:b
c.v=2
# %% stage:c
print(r() is c, r().v)
""",
        stages=1,
    ),
    Hazard(
        "an object that holds itself",
        r"""
# %% stage:a
class Node: pass
n=Node()
n.me=n
n.kids=[n]
# %% stage:b
n.kids.append(1)
# %% stage:c
print(n.me is n, n.kids[0] is n, len(n.kids))
""",
        stages=3,
    ),
    Hazard(
        "a parent and a child that know each other",
        r"""
# %% stage:a
class Node:
    def __init__(self, up=None):
        self.up=up; self.kids=[]
        if up: up.kids.append(self)
root=Node()
leaf=Node(root)
# %% stage:b
leaf.name='x'
# %% stage:c
print(root.kids[0].name, leaf.up is root)
""",
        stages=3,
    ),
    Hazard(
        "a frame and a selection of it",
        r"""
# %%
import pandas as pd
# %% stage:a
df=pd.DataFrame({'a':[1,2,3],'b':[4.0,5.0,6.0]})
part=df[df.a>1]
# %% stage:b
df['c']=df.a*2
# %% stage:c
print(part.columns.tolist(), df.c.tolist())
""",
        stages=3,
    ),
    Hazard(
        "an array inside a frame's column and beside it",
        r"""
# %%
import numpy as np, pandas as pd
# %% stage:a
a=np.zeros(3)
df=pd.DataFrame({'a':a},copy=False)
# %% stage:b
a[0]=5
# %% stage:c
print(df.a.tolist(), a)
""",
        stages=2,
    ),
    Hazard(
        "a default value shared with a global",
        r"""
# %% stage:a
acc=[]
def f(x, to=acc):
    to.append(x)
    return len(to)
# %% stage:b
f(1)
# %% stage:c
print(acc, f(2))
""",
        stages=1,
    ),
    Hazard(
        "a list captured by match",
        r"""
# %% stage:a
doc={'items':[1]}
match doc:
    case {'items': found}: pass
# %% stage:b
found.append(2)
# %% stage:c
print(doc)
""",
        stages=3,
    ),
)
