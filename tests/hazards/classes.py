"""Classes of the notebook: state of their own, registration, inheritance."""

from __future__ import annotations

from hazards.hazard import Hazard

HAZARDS = (
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
        "a class that reads a global",
        r"""
# %% stage:a
rate=2
class Tax:
    def of(self, x): return x*rate
t=Tax()
# %% stage:b
rate=3
# %% stage:c
print(t.of(10))
""",
        stages=3,
    ),
    Hazard(
        "a class attribute computed from a global",
        r"""
# %% stage:a
rate=2
class Tax:
    r=rate
    table=[rate]
# %% stage:b
rate=3
Tax.table.append(rate)
# %% stage:c
print(Tax.r, Tax.table)
""",
        stages=1,
    ),
    Hazard(
        "a method put onto a class later",
        r"""
# %% stage:a
class P:
    def __init__(self,v): self.v=v
p=P(2)
# %% stage:b
def double(self): return self.v*2
P.double=double
# %% stage:c
print(p.double())
""",
        stages=2,
    ),
    Hazard(
        "a class defined again between",
        r"""
# %% stage:a
class P: v=1
p=P()
# %% stage:b
class P: v=2
q=P()
# %% stage:c
print(isinstance(p,P), isinstance(q,P), p.v, q.v)
""",
        stages=2,
    ),
    Hazard(
        "subclasses that register themselves",
        r"""
# %% stage:a
class Plugin:
    known=[]
    def __init_subclass__(cls): Plugin.known.append(cls.__name__)
# %% stage:b
class A(Plugin): pass
# %% stage:c
class B(Plugin): pass
print(Plugin.known)
""",
        stages=2,
    ),
    Hazard(
        "the module's name in what a class shows",
        r"""
# %% stage:a
class P: pass
def f(): pass
# %% stage:b
print(P, f.__module__, P.__module__, __name__)
""",
        stages=2,
    ),
    Hazard(
        "a dataclass with a default factory",
        r"""
# %% stage:a
from dataclasses import dataclass, field
@dataclass
class Run:
    name: str
    tags: list = field(default_factory=list)
r=Run('a')
# %% stage:b
r.tags.append('x')
# %% stage:c
print(r, Run('b'), r==Run('a',['x']))
""",
        stages=3,
    ),
    Hazard(
        "a metaclass that keeps a list of classes",
        r"""
# %% stage:a
class Meta(type):
    seen=[]
    def __new__(m, name, bases, ns):
        Meta.seen.append(name)
        return super().__new__(m, name, bases, ns)
class A(metaclass=Meta): pass
# %% stage:b
class B(A): pass
# %% stage:c
print(Meta.seen)
""",
        stages=1,
    ),
    Hazard(
        "a virtual subclass",
        r"""
# %% stage:a
from abc import ABC
class Shape(ABC): pass
class Square: pass
# %% stage:b
Shape.register(Square)
# %% stage:c
print(isinstance(Square(), Shape))
""",
        stages=2,
    ),
)
