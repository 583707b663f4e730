"""Objects that are changed in place: by methods, subscripts, attributes, arguments, chains, loops."""

from __future__ import annotations

from hazards.hazard import Hazard

HAZARDS = (
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
        "a list appended to in a second stage",
        r"""
# %% stage:a
xs=[1]
# %% stage:b
xs.append(2)
# %% stage:c
print(xs)
""",
        stages=3,
    ),
    Hazard(
        "a model built in one stage, fitted in another",
        r"""
# %% stage:a
class Model:
    def __init__(self): self.weight=None
    def fit(self, rows):
        self.weight=sum(rows)/len(rows)
        return self
model=Model()
# %% stage:b
model.fit([1,2,6])
# %% stage:c
print(model.weight)
""",
        stages=3,
    ),
    Hazard(
        "an estimator of scikit-learn fitted in another stage",
        r"""
# %%
import numpy as np
from sklearn.linear_model import LinearRegression
# %% stage:a
model=LinearRegression()
X=np.arange(6.0).reshape(3,2)
# %% stage:b
model.fit(X,[1.0,2.0,4.0])
# %% stage:c
print(model.coef_.round(6), model.predict(X).round(6))
""",
        stages=3,
    ),
    Hazard(
        "a frame sorted and cut down with inplace=True",
        r"""
# %%
import pandas as pd
# %% stage:a
df=pd.DataFrame({'k':[3,1,2],'v':[1.5,2.5,3.5]})
# %% stage:b
df.sort_values('k',inplace=True)
df.drop(columns='v',inplace=True)
# %% stage:c
print(df)
""",
        stages=3,
    ),
    Hazard(
        "a subscript below a subscript",
        r"""
# %% stage:a
d={'x':{'y':[0,0]}}
# %% stage:b
d['x']['y'][1]=5
d['z']=1
# %% stage:c
print(d)
""",
        stages=3,
    ),
    Hazard(
        "an attribute set from outside",
        r"""
# %% stage:a
from types import SimpleNamespace
s=SimpleNamespace(a=1)
# %% stage:b
s.b=[2]
# %% stage:c
print(s.a, s.b)
""",
        stages=3,
    ),
    Hazard(
        "a list changed through a function's argument",
        r"""
# %% stage:a
def add(target, *more): target.extend(more)
xs=[]
# %% stage:b
add(xs, 1, 2)
# %% stage:c
print(xs)
""",
        stages=3,
    ),
    Hazard(
        "a list at the end of a chain of attributes",
        r"""
# %% stage:a
class Layer:
    def __init__(self): self.sizes=[1]
class Net:
    def __init__(self): self.first=Layer()
net=Net()
# %% stage:b
net.first.sizes.append(2)
# %% stage:c
print(net.first.sizes)
""",
        stages=3,
    ),
    Hazard(
        "rows changed in a loop over them",
        r"""
# %% stage:a
rows=[{'n':1},{'n':2}]
# %% stage:b
for row in rows:
    row['n']*=10
# %% stage:c
print(rows)
""",
        stages=3,
    ),
    Hazard(
        "two lists walked together, one of them changed",
        r"""
# %% stage:a
xs=[[1],[2]]
ys=[5,6]
# %% stage:b
for x,y in zip(xs,ys):
    x.append(y)
# %% stage:c
print(xs, ys)
""",
        stages=3,
    ),
    Hazard(
        "an array written through out=",
        r"""
# %%
import numpy as np
# %% stage:a
a=np.arange(3.0)
# %% stage:b
np.add(a,1,out=a)
a[...]*=2
# %% stage:c
print(a)
""",
        stages=3,
    ),
    Hazard(
        "augmented assignment on a list with two names",
        r"""
# %% stage:a
a=[1]
b=a
# %% stage:b
b+=[2]
# %% stage:c
print(a, b, a is b)
""",
        stages=3,
    ),
    Hazard(
        "a slice assigned, an element deleted",
        r"""
# %% stage:a
x=[1,2,3,4]
# %% stage:b
x[1:3]=[9]
del x[0]
# %% stage:c
print(x)
""",
        stages=3,
    ),
    Hazard(
        "setdefault hands out what it keeps",
        r"""
# %% stage:a
groups={}
# %% stage:b
for k,v in [('a',1),('b',2),('a',3)]:
    groups.setdefault(k,[]).append(v)
# %% stage:c
print(groups)
""",
        stages=3,
    ),
    Hazard(
        "setattr with a name that is computed",
        r"""
# %% stage:a
class C: pass
c=C()
# %% stage:b
for i in range(2): setattr(c, f'f{i}', i)
# %% stage:c
print(c.f0, c.f1)
""",
        stages=3,
    ),
    Hazard(
        "a method handed to map",
        r"""
# %% stage:a
xs=[]
# %% stage:b
list(map(xs.append,[1,2]))
# %% stage:c
print(xs)
""",
        stages=3,
    ),
    Hazard(
        "a change inside a comprehension",
        r"""
# %% stage:a
ds=[{},{}]
# %% stage:b
_none=[d.update(n=i) for i,d in enumerate(ds)]
# %% stage:c
print(ds)
""",
        stages=3,
    ),
    Hazard(
        "a key function that keeps a log",
        r"""
# %% stage:a
log=[]
# %% stage:b
s=sorted([3,1,2], key=lambda v: log.append(v) or v)
# %% stage:c
print(s, log)
""",
        stages=3,
    ),
    Hazard(
        "a method of one's own that is named like a harmless one",
        r"""
# %% stage:a
class Bag:
    def __init__(self): self.n=0
    def mean(self):
        self.n+=1
        return self.n
bag=Bag()
# %% stage:b
bag.mean()
# %% stage:c
print(bag.n)
""",
        stages=3,
    ),
    Hazard(
        "reading a property counts",
        r"""
# %% stage:a
class Counter:
    def __init__(self): self.n=0
    @property
    def value(self):
        self.n+=1
        return self.n
c=Counter()
# %% stage:b
x=c.value
# %% stage:c
print(c.n, x)
""",
        stages=3,
    ),
    Hazard(
        "len() and in that change the object",
        r"""
# %% stage:a
class Odd:
    def __init__(self): self.seen=[]
    def __len__(self):
        self.seen.append('len')
        return 3
    def __contains__(self, x):
        self.seen.append(x)
        return False
o=Odd()
# %% stage:b
n=len(o)
f=7 in o
# %% stage:c
print(o.seen, n, f)
""",
        stages=3,
    ),
    Hazard(
        "calling an instance changes it",
        r"""
# %% stage:a
class Acc:
    def __init__(self): self.t=0
    def __call__(self, x):
        self.t+=x
        return self.t
acc=Acc()
# %% stage:b
acc(5)
# %% stage:c
print(acc(2))
""",
        stages=3,
    ),
    Hazard(
        "a loop target below an object",
        r"""
# %% stage:a
d={}
# %% stage:b
for d['i'] in range(3): pass
d['a'], d['b'] = 1, 2
# %% stage:c
print(d)
""",
        stages=3,
    ),
    Hazard(
        "operator's functions change their argument",
        r"""
# %% stage:a
import operator, heapq
d={}
h=[5,3]
# %% stage:b
operator.setitem(d,'k',1)
heapq.heappush(h,1)
# %% stage:c
print(d,h)
""",
        stages=3,
    ),
    Hazard(
        "an object changed through its __dict__",
        r"""
# %% stage:a
class C: pass
c=C()
# %% stage:b
c.__dict__['p']=1
vars(c).update(q=2)
# %% stage:c
print(c.p,c.q)
""",
        stages=3,
    ),
    Hazard(
        "keyword arguments changed by the function",
        r"""
# %% stage:a
def fill(**kw):
    for v in kw.values(): v.append(0)
a=[]
b=[]
# %% stage:b
fill(x=a,y=b)
# %% stage:c
print(a,b)
""",
        stages=3,
    ),
    Hazard(
        "a deque, a Counter and an OrderedDict",
        r"""
# %% stage:a
from collections import deque, Counter, OrderedDict
q=deque([1,2,3],maxlen=3)
c=Counter('aab')
o=OrderedDict(a=1,b=2)
# %% stage:b
q.append(4); q.rotate(1)
c.update('b'); c['z']+=1
o.move_to_end('a')
# %% stage:c
print(q,c,list(o))
""",
        stages=3,
    ),
    Hazard(
        "a list shuffled by a seeded generator",
        r"""
# %% stage:a
import random
random.seed(1)
xs=list(range(6))
# %% stage:b
random.shuffle(xs)
# %% stage:c
print(xs, random.random())
""",
        stages=3,
    ),
    Hazard(
        "changed only from the second value of a parameter on",
        r"""
# %% parameters
n=1
# %% stage:a
xs=[0]
# %% stage:b
for i in range(1, n):
    xs.append(i)
# %% stage:c
print(xs)
""",
        stages=3,
        change={"n": 3},
    ),
    Hazard(
        "changed by a function only where a parameter says so",
        r"""
# %% parameters
deep=False
# %% stage:a
cfg={'layers':[1]}
def widen(c):
    if deep: c['layers'].append(2)
    return len(c['layers'])
# %% stage:b
n=widen(cfg)
# %% stage:c
print(cfg, n)
""",
        stages=3,
        change={"deep": True},
    ),
)
