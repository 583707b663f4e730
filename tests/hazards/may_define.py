"""Names that are bound only perhaps, bound anew, or unbound."""

from __future__ import annotations

from hazards.hazard import Hazard

HAZARDS = (
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
        "an if that a parameter decides",
        r"""
# %% parameters
n=1
# %% stage:a
x='old'
# %% stage:b
if n>2:
    x='new'
# %% stage:c
print(x)
""",
        stages=3,
        change={"n": 5},
    ),
    Hazard(
        "a name that only one branch binds",
        r"""
# %% parameters
mode='a'
# %% stage:a
if mode=='a':
    left=1
else:
    right=2
# %% stage:b
pass
# %% stage:c
print(left if mode=='a' else right)
""",
        stages=3,
        change={"mode": "b"},
    ),
    Hazard(
        "a try that fails halfway",
        r"""
# %% stage:a
x=1; y=1
# %% stage:b
try:
    x=2
    1/0
    y=2
except ZeroDivisionError:
    pass
# %% stage:c
print(x,y)
""",
        stages=3,
    ),
    Hazard(
        "a fallback where a name is not there yet",
        r"""
# %% stage:a
try:
    cache
except NameError:
    cache={}
cache['a']=1
# %% stage:b
print(cache)
""",
        stages=2,
    ),
    Hazard(
        "a loop that does not run",
        r"""
# %% stage:a
i=99
items=[]
# %% stage:b
for i in items: pass
# %% stage:c
print(i)
""",
        stages=3,
    ),
    Hazard(
        "a loop whose length is a parameter",
        r"""
# %% parameters
n=0
# %% stage:a
last=None
# %% stage:b
for last in range(n): pass
# %% stage:c
print(last)
""",
        stages=3,
        change={"n": 3},
    ),
    Hazard(
        "except unbinds its name",
        r"""
# %% stage:a
e=5
# %% stage:b
try:
    1/0
except ZeroDivisionError as e:
    msg=str(e)
# %% stage:c
try:
    print(e)
except NameError:
    print('gone', msg)
""",
        stages=3,
    ),
    Hazard(
        "a comprehension keeps its names to itself",
        r"""
# %% stage:a
x='outer'
# %% stage:b
sq=[x*x for x in range(3)]
# %% stage:c
print(x, sq)
""",
        stages=3,
    ),
    Hazard(
        "a walrus leaks out of a comprehension",
        r"""
# %% stage:a
last=None
# %% stage:b
xs=[last:=i for i in range(4)]
# %% stage:c
print(last, xs)
""",
        stages=3,
    ),
    Hazard(
        "match binds what it sees",
        r"""
# %% stage:a
point={'x':1,'y':[2,3]}
# %% stage:b
match point:
    case {'x':x,'y':[first,*rest]}: kind='p'
    case _: kind='?'
# %% stage:c
print(x, first, rest, kind)
""",
        stages=3,
    ),
    Hazard(
        "augmented assignment over three stages",
        r"""
# %% stage:a
t=1
# %% stage:b
t+=2
# %% stage:c
t*=10
print(t)
""",
        stages=3,
    ),
    Hazard(
        "an annotation without a value",
        r"""
# %% stage:a
x: int
y: list = [1]
# %% stage:b
y: list
try:
    x
except NameError:
    y.append(2)
# %% stage:c
print(y)
""",
        stages=3,
    ),
    Hazard(
        "a builtin is shadowed and given back",
        r"""
# %% stage:a
sum=10
# %% stage:b
t=sum+1
# %% stage:c
del sum
print(sum([t,1]))
""",
        stages=3,
    ),
    Hazard(
        "a builtin that stays shadowed",
        r"""
# %% stage:a
def len(x): return 42
# %% stage:b
n=len([])
# %% stage:c
print(n, len('ab'))
""",
        stages=3,
    ),
    Hazard(
        "one name bound anew in three stages",
        r"""
# %% stage:a
df=[3,1]
# %% stage:b
df=sorted(df)
# %% stage:c
df={'v':df}
# %% stage:d
print(df)
""",
        stages=4,
    ),
    Hazard(
        "for and while with else",
        r"""
# %% stage:a
n=7
# %% stage:b
for d in range(2,n):
    if n%d==0:
        prime=False
        break
else:
    prime=True
# %% stage:c
print(prime,d)
""",
        stages=3,
    ),
    Hazard(
        "an import that may fail",
        r"""
# %% stage:a
try:
    import no_such_module_xyz as fast
except ImportError:
    import json as fast
# %% stage:b
print(fast.__name__, fast.dumps([1]))
""",
        stages=2,
    ),
    Hazard(
        "an import under a condition",
        r"""
# %% parameters
exact=False
# %% stage:a
if exact:
    from decimal import Decimal as Number
else:
    Number=float
# %% stage:b
print(Number('1.10'))
""",
        stages=2,
        change={"exact": True},
    ),
    Hazard(
        "with binds its target",
        r"""
# %% stage:a
import contextlib
# %% stage:b
with contextlib.nullcontext([1]) as xs:
    xs.append(2)
# %% stage:c
print(xs)
""",
        stages=3,
    ),
    Hazard(
        "star targets",
        r"""
# %% stage:a
first,*mid,last=range(5)
# %% stage:b
print(first,mid,last)
""",
        stages=2,
    ),
    Hazard(
        "a name deleted under a condition",
        r"""
# %% parameters
keep=True
# %% stage:a
x=1
# %% stage:b
if not keep:
    del x
# %% stage:c
print('x' in dir())
""",
        stages=3,
        change={"keep": False},
    ),
    Hazard(
        "a function defined in a loop",
        r"""
# %% stage:a
fs={}
for k in (1,2):
    def f(x,k=k): return x*k
    fs[k]=f
# %% stage:b
print(fs[1](10), fs[2](10), f(10))
""",
        stages=1,
    ),
    Hazard(
        "a conditional expression that may be an alias",
        r"""
# %% stage:a
a=[1]
flag=True
b=a if flag else [0]
# %% stage:b
b.append(2)
# %% stage:c
print(a)
""",
        stages=3,
    ),
    Hazard(
        "or hands out one of two",
        r"""
# %% stage:a
a=[]
b=[5]
c=a or b
# %% stage:b
c.append(6)
# %% stage:c
print(a,b)
""",
        stages=3,
    ),
    Hazard(
        "a class body's names stay inside",
        r"""
# %% stage:a
size=1
# %% stage:b
class C:
    size=2
    double=size*2
# %% stage:c
print(size, C.double)
""",
        stages=3,
    ),
    Hazard(
        "a while loop that a later stage goes on with",
        r"""
# %% stage:a
i=0
# %% stage:b
while i<3:
    i+=1
    if i==2: found=i
# %% stage:c
print(i, found)
""",
        stages=3,
    ),
    Hazard(
        "deleting an element, not the name",
        r"""
# %% stage:a
d={'a':1,'b':2}
# %% stage:b
del d['a']
# %% stage:c
print(d)
""",
        stages=3,
    ),
    Hazard(
        "the same name deleted and bound again",
        r"""
# %% stage:a
x=[1]
y=x
# %% stage:b
del x
x=[2]
# %% stage:c
print(x,y)
""",
        stages=3,
    ),
    Hazard(
        "a name that only the branch of another run binds",
        r"""
# %% parameters
mode='a'
# %% stage:a
if mode=='a':
    left=[len(mode)]
    left.append(0)
else:
    right=[len(mode)]
    right.append(1)
# %% stage:b
print(left if mode=='a' else right)
""",
        stages=2,
        change={"mode": "b"},
    ),
)
