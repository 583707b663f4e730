"""State that no variable holds: random generators, settings, folders, patches."""

from __future__ import annotations

from hazards.hazard import Hazard

HAZARDS = (
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
        stages=3,
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
        "a library's function is replaced",
        r"""
# %% stage:a
import math
math.pi=3
# %% stage:b
print(math.pi)
""",
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
        "an environment variable removed and one read by a function",
        r"""
# %% stage:a
import os
os.environ['NB_A']='1'
os.environ['NB_B']='2'
def b(): return os.environ.get('NB_B')
# %% stage:b
del os.environ['NB_A']
os.environ.pop('NB_B')
# %% stage:c
print('NB_A' in os.environ, b())
""",
        stages=3,
    ),
    Hazard(
        "an environment variable computed from data",
        r"""
# %% stage:a
import os
n=sum([1,2])
os.environ['NB_N']=str(n)
# %% stage:b
print(os.environ['NB_N'])
""",
        stages=1,
    ),
    Hazard(
        "an environment variable for a subprocess",
        r"""
# %% stage:a
%env NB_X=hello
# %% stage:b
!echo $NB_X
""",
        stages=2,
    ),
    Hazard(
        "the project's folder kept in a variable",
        r"""
# %% stage:a
import os
home=os.getcwd()
# %% stage:b
open(os.path.join(home,'in_home.txt'),'w').write('h')
# %% stage:c
print(open(os.path.join(home,'in_home.txt')).read(), home==os.getcwd())
""",
        stages=3,
    ),
    Hazard(
        "the project's folder inside a list",
        r"""
# %% stage:a
import os
places=[os.getcwd()+'/a']
places.append(os.getcwd())
# %% stage:b
print([os.path.relpath(p) for p in places])
""",
        stages=1,
    ),
    Hazard(
        "the folder is changed and changed back",
        r"""
# %% stage:a
import os
os.makedirs('sub',exist_ok=True)
os.chdir('sub')
open('f.txt','w').write('1')
os.chdir('..')
# %% stage:b
x=open('sub/f.txt').read()
# %% stage:c
print(x, os.path.basename(os.getcwd())!='sub')
""",
        stages=3,
    ),
    Hazard(
        "%cd in a cell of its own",
        r"""
# %% stage:a
import os
os.makedirs('deep/er',exist_ok=True)
# %% stage:b
%cd -q deep/er
# %% stage:c
print(os.path.basename(os.getcwd()))
""",
        stages=3,
    ),
    Hazard(
        "a folder on sys.path",
        r"""
# %% stage:a
import sys
sys.path.insert(0,'lib')
# %% stage:b
import tools_x
# %% stage:c
print(tools_x.V)
""",
        stages=3,
        beside={"lib/tools_x.py": "V = 4\n"},
    ),
    Hazard(
        "pandas' options, set three ways",
        r"""
# %%
import pandas as pd
# %% stage:a
pd.options.display.max_rows=4
pd.set_option('display.float_format','{:.1f}'.format)
df=pd.DataFrame({'a':[i/3 for i in range(10)]})
# %% stage:b
display(df)
# %% stage:c
pd.reset_option('display.max_rows')
print(len(str(df).splitlines()))
""",
        stages=2,
    ),
    Hazard(
        "NumPy's print options and error state",
        r"""
# %%
import numpy as np
# %% stage:a
np.set_printoptions(precision=2)
np.seterr(divide='raise')
# %% stage:b
a=np.array([1/3])
# %% stage:c
print(a)
try:
    a/0
except FloatingPointError as e: print(e)
""",
        stages=3,
    ),
    Hazard(
        "scikit-learn's configuration",
        r"""
# %% stage:a
import sklearn
sklearn.set_config(assume_finite=True, display='text')
# %% stage:b
print(sklearn.get_config()['assume_finite'])
""",
        stages=2,
    ),
    Hazard(
        "rcParams and a style",
        r"""
# %%
import matplotlib.pyplot as plt
# %% stage:a
plt.style.use('ggplot')
plt.rcParams['axes.titlesize']=33
# %% stage:b
print(plt.rcParams['axes.titlesize'], plt.rcParams['axes.facecolor'])
""",
        stages=2,
    ),
    Hazard(
        "the precision of decimal numbers",
        r"""
# %% stage:a
import decimal
decimal.getcontext().prec=4
# %% stage:b
x=decimal.Decimal(1)/3
# %% stage:c
print(x, decimal.Decimal(2)/3)
""",
        stages=3,
    ),
    Hazard(
        "the locale",
        r"""
# %% stage:a
import locale
locale.setlocale(locale.LC_ALL,'C')
# %% stage:b
print(locale.setlocale(locale.LC_ALL))
""",
        stages=2,
    ),
    Hazard(
        "IPython shows every expression",
        r"""
# %% stage:a
from IPython.core.interactiveshell import InteractiveShell
InteractiveShell.ast_node_interactivity='all'
# %% stage:b
1
2
""",
        stages=2,
    ),
    Hazard(
        "a print precision by magic",
        r"""
# %% stage:a
%precision 3
# %% stage:b
1/3
""",
        stages=2,
    ),
    Hazard(
        "a library's class gets a method",
        r"""
# %% stage:a
import fractions
def half(self): return self/2
fractions.Fraction.half=half
# %% stage:b
print(fractions.Fraction(1,3).half())
""",
        stages=2,
    ),
    Hazard(
        "a library's function is wrapped by setattr",
        r"""
# %% stage:a
import math
setattr(math,'tau',6)
# %% stage:b
print(math.tau)
""",
        stages=2,
    ),
    Hazard(
        "a builtin is replaced",
        r"""
# %% stage:a
import builtins
builtins.magic_word='x'
# %% stage:b
print(magic_word)
""",
        stages=2,
    ),
    Hazard(
        "a module is put into sys.modules",
        r"""
# %% stage:a
import sys, types
m=types.ModuleType('made_up'); m.v=3
sys.modules['made_up']=m
# %% stage:b
import made_up
print(made_up.v)
""",
        stages=1,
    ),
    Hazard(
        "print goes elsewhere",
        r"""
# %% stage:a
import sys, io
real=sys.stdout
sys.stdout=io.StringIO()
print('hidden')
# %% stage:b
text=sys.stdout.getvalue()
sys.stdout=real
# %% stage:c
print(repr(text))
""",
        stages=1,
    ),
    Hazard(
        "a recursion limit",
        r"""
# %% stage:a
import sys
sys.setrecursionlimit(5000)
# %% stage:b
def down(n): return 0 if n==0 else 1+down(n-1)
print(down(4000))
""",
        stages=2,
    ),
    Hazard(
        "a logger's level and handler",
        r"""
# %% stage:a
import logging, sys
log=logging.getLogger('nbx')
log.setLevel(logging.INFO)
log.addHandler(logging.StreamHandler(sys.stdout))
# %% stage:b
log.info('first')
# %% stage:c
log.info('second')
""",
        stages=3,
    ),
    Hazard(
        "a time zone by environment",
        r"""
# %% stage:a
import os, time
os.environ['TZ']='Asia/Tokyo'
time.tzset()
# %% stage:b
print(time.strftime('%H:%M', time.localtime(0)))
""",
        stages=2,
    ),
    Hazard(
        "a csv dialect",
        r"""
# %% stage:a
import csv
csv.register_dialect('semi',delimiter=';')
# %% stage:b
import io
print(list(csv.reader(io.StringIO('a;b'),'semi')))
""",
        stages=2,
    ),
    Hazard(
        "a context variable",
        r"""
# %% stage:a
import contextvars
v=contextvars.ContextVar('v',default=0)
# %% stage:b
v.set(5)
# %% stage:c
print(v.get())
""",
        stages=1,
    ),
    Hazard(
        "a setting that a parameter chooses",
        r"""
# %% parameters
digits=2
# %% stage:a
import numpy as np
np.set_printoptions(precision=digits)
# %% stage:b
print(np.array([1/3]))
""",
        stages=2,
        change={"digits": 5},
    ),
    Hazard(
        "a setting made only where a parameter says so",
        r"""
# %% parameters
short=False
# %% stage:a
import decimal
if short:
    decimal.getcontext().prec=3
# %% stage:b
print(decimal.Decimal(1)/3)
""",
        stages=2,
        change={"short": True},
    ),
    Hazard(
        "a warning turned into an error for one block",
        r"""
# %% stage:a
import warnings
with warnings.catch_warnings():
    warnings.simplefilter('error')
    try:
        warnings.warn('w')
    except UserWarning: hit=True
# %% stage:b
warnings.warn('later')
print(hit)
""",
        stages=2,
    ),
    Hazard(
        "sys.argv",
        r"""
# %% stage:a
import sys
sys.argv=['prog','--n','3']
# %% stage:b
import argparse
p=argparse.ArgumentParser(); p.add_argument('--n',type=int)
print(p.parse_args().n)
""",
        stages=2,
    ),
)
