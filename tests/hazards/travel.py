"""Objects that do not travel, or only with care."""

from __future__ import annotations

from hazards.hazard import Hazard

HAZARDS = (
    Hazard(
        "a lambda in a mapping",
        r"""
# %% stage:a
d={'f':lambda x:x+1}
# %% stage:b
print(d['f'](1))
""",
        stages=2,
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
        "a named tuple",
        r"""
# %% stage:a
from collections import namedtuple
P=namedtuple('P','x y')
p=P(1,{2,3})
# %% stage:b
print(p.x, sorted(p.y), p)
""",
        stages=2,
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
        "a module under another name",
        r"""
# %% stage:a
import json
j=json
# %% stage:b
print(j.dumps([1]), j is json)
""",
        stages=2,
    ),
    Hazard(
        "a module in a list",
        r"""
# %% stage:a
import json, math
mods=[json,math]
# %% stage:b
print([m.__name__ for m in mods])
""",
        stages=2,
    ),
    Hazard(
        "a list that holds itself",
        r"""
# %% stage:a
r=[1]
r.append(r)
# %% stage:b
print(r[1] is r, r)
""",
        stages=2,
    ),
    Hazard(
        "a mapping by identity",
        r"""
# %% stage:a
a=[1]
names={id(a):'a'}
# %% stage:b
print(names[id(a)])
""",
        verdict="unverified",
        stages=1,
    ),
    Hazard(
        "a weak dictionary",
        r"""
# %% stage:a
import weakref
class K: pass
k=K()
w=weakref.WeakKeyDictionary()
w[k]=1
# %% stage:b
print(w[k], len(w))
""",
        stages=1,
    ),
    Hazard(
        "a match of a regular expression",
        r"""
# %% stage:a
import re
m=re.match(r'(\w+) (\w+)','ab cd')
p=re.compile(r'\d+')
# %% stage:b
print(m.groups(), p.findall('1 22'))
""",
        stages=1,
    ),
    Hazard(
        "a text buffer with a position",
        r"""
# %% stage:a
import io
buf=io.StringIO()
# %% stage:b
buf.write('abc'); buf.seek(1)
# %% stage:c
print(buf.read(), buf.getvalue())
""",
        stages=1,
    ),
    Hazard(
        "a class with slots",
        r"""
# %% stage:a
class P:
    __slots__=('x','y')
    def __init__(self,x): self.x=x
p=P(1)
# %% stage:b
p.y=[2]
# %% stage:c
print(p.x,p.y)
""",
        stages=3,
    ),
    Hazard(
        "a class that drops something when it is pickled",
        r"""
# %% stage:a
class C:
    def __init__(self): self.keep=1; self.drop=2
    def __getstate__(self): return {'keep':self.keep,'drop':None}
c=C()
# %% stage:b
print(c.keep, c.drop)
""",
        stages=2,
    ),
    Hazard(
        "a class that refuses to be pickled",
        r"""
# %% stage:a
class C:
    v=3
    def __reduce__(self): raise TypeError('no')
c=C()
# %% stage:b
print(c.v)
""",
        stages=1,
    ),
    Hazard(
        "a class made by a function",
        r"""
# %% stage:a
def make(n):
    class Local:
        v=n
    return Local
L=make(4)
o=L()
# %% stage:b
print(o.v, isinstance(o,L), L.__name__)
""",
        stages=1,
    ),
    Hazard(
        "an instance with a lambda in it",
        r"""
# %% stage:a
class C: pass
c=C()
c.f=lambda x: x+1
# %% stage:b
print(c.f(1))
""",
        stages=1,
    ),
    Hazard(
        "a named tuple of typing",
        r"""
# %% stage:a
from typing import NamedTuple
class P(NamedTuple):
    x: int
    y: list
p=P(1,[2])
# %% stage:b
print(p, p.x, isinstance(p,P))
""",
        stages=2,
    ),
    Hazard(
        "a named tuple made by a call, used twice",
        r"""
# %% stage:a
from collections import namedtuple
Point=namedtuple('Point',['x','y'])
# %% stage:b
p=Point(1,2)
# %% stage:c
print(p, p==Point(1,2), isinstance(p,Point), p._asdict())
""",
        stages=3,
    ),
    Hazard(
        "an enum made by a call",
        r"""
# %% stage:a
from enum import Enum
Colour=Enum('Colour','RED GREEN')
c=Colour.RED
# %% stage:b
print(c is Colour.RED, list(Colour))
""",
        stages=2,
    ),
    Hazard(
        "a type variable and a new type",
        r"""
# %% stage:a
from typing import TypeVar, NewType, Generic
T=TypeVar('T')
UserId=NewType('UserId',int)
class Box(Generic[T]):
    def __init__(self,v:T): self.v=v
b=Box(UserId(3))
# %% stage:b
print(b.v, UserId(4), T)
""",
        stages=2,
    ),
    Hazard(
        "flags and an int enum",
        r"""
# %% stage:a
import enum
class F(enum.Flag):
    A=1; B=2
class N(enum.IntEnum):
    ONE=1
f=F.A|F.B
row={'n':N.ONE}
# %% stage:b
print(f, row, row['n'] is N.ONE, F.A in f)
""",
        stages=2,
    ),
    Hazard(
        "an exception that is kept",
        r"""
# %% stage:a
try:
    {}['k']
except KeyError as e:
    kept=e
# %% stage:b
print(repr(kept), kept.args)
""",
        stages=2,
    ),
    Hazard(
        "a cached property",
        r"""
# %% stage:a
from functools import cached_property
class C:
    n=0
    @cached_property
    def v(self):
        self.n+=1
        return self.n
c=C()
# %% stage:b
x=c.v
# %% stage:c
print(c.v, c.n)
""",
        stages=3,
    ),
    Hazard(
        "a read-only view of a mapping",
        r"""
# %% stage:a
from types import MappingProxyType
d={'a':1}
m=MappingProxyType(d)
# %% stage:b
d['b']=2
# %% stage:c
print(dict(m))
""",
        stages=1,
    ),
    Hazard(
        "a namespace, a ChainMap and a UserDict",
        r"""
# %% stage:a
from types import SimpleNamespace
from collections import ChainMap, UserDict
base={'x':1}
s=SimpleNamespace(d=base); c=ChainMap({},base); u=UserDict(a=1)
# %% stage:b
c['y']=2; base['x']=10; u['b']=base
# %% stage:c
print(s,c['x'],u['b'] is base)
""",
        stages=3,
    ),
    Hazard(
        "a singleton of one's own",
        r"""
# %% stage:a
class Single:
    _one=None
    def __new__(cls):
        if cls._one is None: cls._one=super().__new__(cls)
        return cls._one
s=Single()
# %% stage:b
print(Single() is s)
""",
        stages=1,
    ),
    Hazard(
        "operator's getters and partial of a library",
        r"""
# %% stage:a
from operator import itemgetter
from functools import partial
get=itemgetter('k')
p=partial(int,base=2)
# %% stage:b
print(get({'k':1}), p('101'))
""",
        stages=2,
    ),
    Hazard(
        "a frame's groups",
        r"""
# %%
import pandas as pd
# %% stage:a
df=pd.DataFrame({'k':list('aab'),'v':[1,2,3]})
g=df.groupby('k')
# %% stage:b
print(g.v.sum().to_dict(), g.ngroups)
""",
        stages=2,
    ),
)
