"""Functions, classes and the globals that they read, keep and change."""

from __future__ import annotations

from hazards.hazard import Hazard

HAZARDS = (
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
        "a function reads a global that is mutated",
        r"""
# %% stage:a
table={'a':1}
def look(k): return table.get(k)
# %% stage:b
table['b']=2
# %% stage:c
print(look('b'))
""",
        stages=3,
    ),
    Hazard(
        "a global statement",
        r"""
# %% stage:a
n=0
def bump():
    global n
    n+=1
# %% stage:b
bump()
# %% stage:c
bump()
print(n)
""",
        stages=3,
    ),
    Hazard(
        "a global statement that makes the name",
        r"""
# %% stage:a
def make():
    global made
    made=[1]
# %% stage:b
make()
# %% stage:c
print(made)
""",
        stages=3,
    ),
    Hazard(
        "a lambda that reads a global bound later",
        r"""
# %% stage:a
f=lambda x: x+offset
# %% stage:b
offset=10
# %% stage:c
print(f(1))
""",
        stages=3,
    ),
    Hazard(
        "a factory of functions",
        r"""
# %% stage:a
def times(k):
    def f(x): return k*x
    return f
double=times(2)
# %% stage:b
print(double(4))
""",
        stages=2,
    ),
    Hazard(
        "closures over a loop variable",
        r"""
# %% stage:a
fs=[lambda x: x+i for i in range(3)]
i=100
# %% stage:b
print([f(0) for f in fs])
""",
        stages=2,
    ),
    Hazard(
        "a nonlocal count",
        r"""
# %% stage:a
def counter():
    n=0
    def up():
        nonlocal n
        n+=1
        return n
    return up
up=counter()
up()
# %% stage:b
up()
# %% stage:c
print(up())
""",
        stages=1,
    ),
    Hazard(
        "a mutable default that remembers",
        r"""
# %% stage:a
def f(x, seen=[]):
    seen.append(x)
    return list(seen)
# %% stage:b
f(1)
# %% stage:c
print(f(2))
""",
        stages=2,
    ),
    Hazard(
        "a default argument bound to a value that is rebound",
        r"""
# %% stage:a
k=1
def f(x, k=k): return x+k
# %% stage:b
k=100
# %% stage:c
print(f(1), k)
""",
        stages=3,
    ),
    Hazard(
        "a decorator that registers",
        r"""
# %% stage:a
REG={}
def reg(f):
    REG[f.__name__]=f
    return f
# %% stage:b
@reg
def one(): return 1
# %% stage:c
print(sorted(REG), REG['one']())
""",
        stages=2,
    ),
    Hazard(
        "a decorator that counts calls",
        r"""
# %% stage:a
import functools
def counted(f):
    @functools.wraps(f)
    def g(*a):
        g.n+=1
        return f(*a)
    g.n=0
    return g
@counted
def sq(x): return x*x
# %% stage:b
sq(2)
# %% stage:c
print(sq.n, sq.__name__)
""",
        stages=1,
    ),
    Hazard(
        "a cache whose state is shown",
        r"""
# %% stage:a
from functools import lru_cache
@lru_cache(maxsize=None)
def fib(n): return n if n<2 else fib(n-1)+fib(n-2)
# %% stage:b
fib(10)
# %% stage:c
print(fib.cache_info().currsize)
""",
        stages=2,
    ),
    Hazard(
        "a cache over a global that changes",
        r"""
# %% stage:a
from functools import cache
k=2
@cache
def f(x): return x*k
# %% stage:b
f(1)
k=3
# %% stage:c
print(f(1), f(2))
""",
        stages=2,
    ),
    Hazard(
        "recursion",
        r"""
# %% stage:a
def fact(n): return 1 if n<2 else n*fact(n-1)
# %% stage:b
x=fact(5)
# %% stage:c
print(fact(3)+x)
""",
        stages=3,
    ),
    Hazard(
        "two functions that call each other",
        r"""
# %% stage:a
def even(n): return n==0 or odd(n-1)
# %% stage:b
def odd(n): return n!=0 and even(n-1)
# %% stage:c
print(even(10), odd(7))
""",
        stages=3,
    ),
    Hazard(
        "a function rebound that another one calls",
        r"""
# %% stage:a
def inner(x): return x+1
def outer(x): return inner(x)*10
# %% stage:b
y=outer(1)
def inner(x): return x+2
# %% stage:c
print(y, outer(1))
""",
        stages=3,
    ),
    Hazard(
        "functions calling functions that read a global",
        r"""
# %% stage:a
base=1
def f(): return base
def g(): return f()+1
def h(): return g()+1
# %% stage:b
base=10
# %% stage:c
print(h())
""",
        stages=3,
    ),
    Hazard(
        "a definition that depends on a parameter",
        r"""
# %% parameters
fast=False
# %% stage:a
if fast:
    def f(x): return x
else:
    def f(x): return x*2
# %% stage:b
print(f(3))
""",
        stages=2,
        change={"fast": True},
    ),
    Hazard(
        "a function's attribute",
        r"""
# %% stage:a
def f(): return 1
f.calls=0
# %% stage:b
f.calls+=1
# %% stage:c
print(f.calls, f())
""",
        stages=1,
    ),
    Hazard(
        "inheritance across stages",
        r"""
# %% stage:a
class Base:
    def hi(self): return 'base'
# %% stage:b
class Sub(Base):
    def hi(self): return super().hi()+'+sub'
s=Sub()
# %% stage:c
print(s.hi(), isinstance(s,Base))
""",
        stages=3,
    ),
    Hazard(
        "singledispatch registered in another stage",
        r"""
# %% stage:a
from functools import singledispatch
@singledispatch
def show(x): return 'any'
# %% stage:b
@show.register(int)
def _i(x): return 'int'
# %% stage:c
print(show(1), show('a'))
""",
        stages=2,
    ),
    Hazard(
        "partial over a function of the notebook",
        r"""
# %% stage:a
from functools import partial
def power(b,e): return b**e
cube=partial(power,e=3)
# %% stage:b
x=cube(2)
# %% stage:c
print(x, cube(3), cube.func is power)
""",
        stages=3,
    ),
    Hazard(
        "the source of a function",
        r"""
# %% stage:a
def f(x):
    # a comment
    return x
# %% stage:b
import inspect
print(inspect.getsource(f))
""",
        stages=2,
    ),
    Hazard(
        "a generator function",
        r"""
# %% stage:a
limit=3
def numbers():
    for i in range(limit): yield i
# %% stage:b
limit=4
total=sum(numbers())
# %% stage:c
print(total, list(numbers()))
""",
        stages=3,
    ),
    Hazard(
        "a context manager that changes a global",
        r"""
# %% stage:a
from contextlib import contextmanager
depth=[0]
@contextmanager
def deeper():
    depth[0]+=1
    yield depth[0]
# %% stage:b
with deeper() as d: pass
# %% stage:c
print(depth, d)
""",
        stages=3,
    ),
    Hazard(
        "default arguments changed from outside",
        r"""
# %% stage:a
def f(x=1): return x
# %% stage:b
f.__defaults__=(5,)
# %% stage:c
print(f())
""",
        stages=2,
    ),
    Hazard(
        "a function kept in a list and redefined",
        r"""
# %% stage:a
def step(x): return x+1
steps=[step]
# %% stage:b
def step(x): return x*100
steps.append(step)
# %% stage:c
print([s(2) for s in steps])
""",
        stages=2,
    ),
    Hazard(
        "a function over two parameters",
        r"""
# %% parameters
k=2
# %% stage:a
def scaled(x, by=k): return x*by
# %% stage:b
y=scaled(1)
# %% stage:c
print(y, scaled(10))
""",
        stages=3,
        change={"k": 5},
    ),
)
