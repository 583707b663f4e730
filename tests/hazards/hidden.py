"""Names that only running the code shows."""

from __future__ import annotations

from hazards.hazard import Hazard

HAZARDS = (
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
        "an expression in text",
        r"""
# %% stage:a
x=[4]
x.append(1)
expr='x[0]+x[1]'
# %% stage:b
print(eval(expr))
""",
        stages=2,
    ),
    Hazard(
        "a change in text",
        r"""
# %% stage:a
xs=[1]
# %% stage:b
exec('xs.append(2)')
# %% stage:c
print(xs)
""",
        stages=3,
    ),
    Hazard(
        "a function made by exec",
        r"""
# %% stage:a
code='def twice(x): return x*2'
exec(code)
# %% stage:b
print(twice(4))
""",
        stages=1,
    ),
    Hazard(
        "names written through globals()",
        r"""
# %% stage:a
for i in range(3): globals()[f'v{i}']=[i]
# %% stage:b
v1.append(9)
# %% stage:c
print(v0,v1,v2)
""",
        stages=3,
    ),
    Hazard(
        "names written by update",
        r"""
# %% stage:a
globals().update(alpha=[1],beta=2)
locals()['gamma']=3
# %% stage:b
print(alpha,beta,gamma)
""",
        stages=2,
    ),
    Hazard(
        "a query that names a variable",
        r"""
# %%
import pandas as pd
# %% stage:a
df=pd.DataFrame({'a':[1,2,3]})
low=sum([1])
# %% stage:b
print(len(df.query('a > @low')))
""",
        stages=2,
    ),
    Hazard(
        "an expression over a frame",
        r"""
# %%
import pandas as pd
# %% stage:a
df=pd.DataFrame({'a':[1,2,3]})
k=sum([4])
# %% stage:b
print(df.eval('a*@k').tolist(), pd.eval('k+1'))
""",
        stages=2,
    ),
    Hazard(
        "a query kept in a variable",
        r"""
# %%
import pandas as pd
# %% stage:a
df=pd.DataFrame({'a':[1,2,3]})
low=sum([1])
q='a > @low'
# %% stage:b
def n(): return len(df.query(q))
print(n())
""",
        stages=2,
    ),
    Hazard(
        "an attribute by text",
        r"""
# %% stage:a
xs=[1]
name='append'
# %% stage:b
getattr(xs,name)(2)
# %% stage:c
print(xs)
""",
        stages=3,
    ),
    Hazard(
        "a module by text",
        r"""
# %% stage:a
import importlib
m=importlib.import_module('json')
# %% stage:b
print(m.dumps({'a':1}))
""",
        stages=2,
    ),
    Hazard(
        "a module of the project by text",
        r"""
# %% stage:a
name='plug_x'
# %% stage:b
mod=__import__(name)
print(mod.V)
""",
        stages=2,
        beside={"plug_x.py": "V = [8]\n"},
    ),
    Hazard(
        "the notebook as a module",
        r"""
# %% stage:a
import __main__
__main__.late=[5]
# %% stage:b
late.append(6)
# %% stage:c
print(__main__.late)
""",
        stages=1,
    ),
    Hazard(
        "the notebook by its name in sys.modules",
        r"""
# %% stage:a
import sys
me=sys.modules[__name__]
setattr(me,'put',[1])
# %% stage:b
print(put)
""",
        stages=2,
    ),
    Hazard(
        "a name found by dir()",
        r"""
# %% stage:a
alpha_1=1
alpha_2=2
# %% stage:b
print(sorted(n for n in dir() if n.startswith('alpha_')))
""",
        stages=2,
    ),
    Hazard(
        "text with the globals filled in",
        r"""
# %% stage:a
who='w'
n=sum([3])
# %% stage:b
print('{who} {n}'.format(**globals()), '%(n)d' % vars())
""",
        stages=2,
    ),
    Hazard(
        "the frame's globals",
        r"""
# %% stage:a
import inspect
deep=[3]
deep.append(4)
def peek(): return inspect.currentframe().f_globals['deep']
# %% stage:b
print(peek())
""",
        stages=2,
    ),
    Hazard(
        "a function's globals",
        r"""
# %% stage:a
secret=[3]
secret.append(1)
def f(): pass
# %% stage:b
print(f.__globals__['secret'])
""",
        stages=2,
    ),
    Hazard(
        "a class made by type()",
        r"""
# %% stage:a
P=type('P',(),{'v':3,'get':lambda self: self.v})
p=P()
# %% stage:b
print(p.get(), isinstance(p,P))
""",
        stages=2,
    ),
    Hazard(
        "code timed with the notebook's names",
        r"""
# %% stage:a
import timeit
calls=[]
def f(): calls.append(1)
# %% stage:b
t=timeit.timeit('f()',globals=globals(),number=3)
# %% stage:c
print(len(calls), t>=0)
""",
        stages=3,
    ),
    Hazard(
        "code timed with an import of the notebook",
        r"""
# %% stage:a
import timeit
calls=[]
def f(): calls.append(1)
# %% stage:b
t=timeit.timeit('f()',setup='from __main__ import f',number=2)
# %% stage:c
print(len(calls))
""",
        stages=2,
    ),
    Hazard(
        "a star import of the project's own module",
        r"""
# %% stage:a
from own_x import *
# %% stage:b
add(2)
# %% stage:c
print(A)
""",
        stages=2,
        beside={"own_x.py": "A = [1]\ndef add(v): A.append(v)\n"},
    ),
    Hazard(
        "a module of the project that keeps state",
        r"""
# %% stage:a
import state_x
# %% stage:b
state_x.see('a')
# %% stage:c
print(state_x.count, state_x.seen)
""",
        stages=2,
        beside={
            "state_x.py": "count = 0\nseen = []\ndef see(v):\n    global count\n    count += 1\n    seen.append(v)\n"
        },
    ),
    Hazard(
        "an attribute of the project's module is set",
        r"""
# %% stage:a
import conf_x
# %% stage:b
conf_x.DEBUG=True
# %% stage:c
print(conf_x.get())
""",
        stages=3,
        beside={"conf_x.py": "DEBUG = False\ndef get():\n    return DEBUG\n"},
    ),
    Hazard(
        "a patch for one call",
        r"""
# %% stage:a
from unittest.mock import patch
import os
# %% stage:b
with patch('os.getcwd',return_value='/patched'):
    x=os.getcwd()
# %% stage:c
print(x, os.getcwd()!='/patched')
""",
        stages=3,
    ),
    Hazard(
        "objects found by the garbage collector",
        r"""
# %% stage:a
import gc
class Marked: pass
m=Marked()
# %% stage:b
print(sum(type(o).__name__=='Marked' for o in gc.get_objects()))
""",
        stages=1,
    ),
    Hazard(
        "a pickled instance read back by hand",
        r"""
# %% stage:a
import pickle
class P: v=2
data=pickle.dumps(P())
# %% stage:b
print(pickle.loads(data).v)
""",
        stages=1,
    ),
    Hazard(
        "compiled code",
        r"""
# %% stage:a
y=sum([3])
c=compile('y+1','<x>','eval')
# %% stage:b
print(eval(c))
""",
        stages=1,
    ),
    Hazard(
        "an f-string's own expression",
        r"""
# %% stage:a
vals=[1.234]
vals.append(2)
w=6
# %% stage:b
print(f'{vals[0]:{w}.2f} {vals=}')
""",
        stages=2,
    ),
    Hazard(
        "a name kept under two underscores",
        r"""
# %% stage:a
__hidden=[1]
__hidden.append(2)
_one=[3]
_one.append(4)
# %% stage:b
print(__hidden, _one)
""",
        stages=2,
    ),
    Hazard(
        "names that look like IPython's own",
        r"""
# %% stage:a
_i5=[1]
_i5.append(2)
___=[4]
___.append(5)
# %% stage:b
print(_i5, ___)
""",
        stages=1,
    ),
)
