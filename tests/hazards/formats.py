"""Values that a file format would change without a word."""

from __future__ import annotations

from hazards.hazard import Hazard

HAZARDS = (
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
        "NumPy scalars stay NumPy scalars",
        r"""
# %%
import numpy as np
# %% stage:a
a=np.float32(0.1); b=np.int64(3); c=np.bool_(True); d=np.datetime64('2020-01-01')
# %% stage:b
print(type(a).__name__, a, type(b).__name__, c is np.True_, d, type(d).__name__)
""",
        stages=2,
    ),
    Hazard(
        "object arrays, structured arrays, no dimension",
        r"""
# %%
import numpy as np
# %% stage:a
o=np.array([1,'x',None,[2]],dtype=object)
s=np.array([(1,2.5)],dtype=[('a','i4'),('b','f8')])
z=np.array(5)
# %% stage:b
print(o.dtype, o.tolist(), s['b'], s.dtype, z.shape, z)
""",
        stages=2,
    ),
    Hazard(
        "complex numbers, signed zero, infinities",
        r"""
# %%
import numpy as np
# %% stage:a
a=np.array([1+2j,np.nan])
x=[-0.0, float('inf'), 1e-320, 2+3j]
# %% stage:b
print(a, x, str(x[0]))
""",
        stages=2,
    ),
    Hazard(
        "read-only flags and memory order",
        r"""
# %%
import numpy as np
# %% stage:a
r=np.arange(3); r.flags.writeable=False
f=np.asfortranarray(np.ones((2,3)))
# %% stage:b
print(r.flags.writeable, f.flags.f_contiguous, f.flags.c_contiguous)
""",
        stages=2,
    ),
    Hazard(
        "masked arrays and matrices",
        r"""
# %%
import numpy as np
# %% stage:a
m=np.ma.array([1,2,3],mask=[0,1,0],fill_value=-1)
M=np.matrix([[1,2],[3,4]])
# %% stage:b
print(m, m.filled(), type(M).__name__, M*M)
""",
        stages=2,
    ),
    Hazard(
        "categories, ordered and unused",
        r"""
# %%
import pandas as pd
# %% stage:a
df=pd.DataFrame({'c':pd.Categorical(['b','a'],categories=['c','b','a'],ordered=True)})
# %% stage:b
print(df.c.cat.categories.tolist(), df.c.cat.ordered, df.c.max())
""",
        stages=2,
    ),
    Hazard(
        "time zones, a frequency, periods and differences",
        r"""
# %%
import pandas as pd
# %% stage:a
i=pd.date_range('2024-01-01',periods=3,freq='D',tz='Europe/Paris',name='t')
df=pd.DataFrame({'p':pd.period_range('2024-01',periods=3,freq='M'),'d':pd.to_timedelta([1,2,3],unit='h')},index=i)
# %% stage:b
print(df.index.freq, df.index.tz, df.index.name, df.dtypes.tolist())
""",
        stages=2,
    ),
    Hazard(
        "a multi-index, names of indexes",
        r"""
# %%
import pandas as pd
# %% stage:a
df=pd.DataFrame({'v':[1,2]},index=pd.MultiIndex.from_tuples([('a',1),('b',2)],names=['k',None]))
df.columns.name='cols'
# %% stage:b
print(df.index.names, df.columns.name, df.loc[('b',2),'v'])
""",
        stages=2,
    ),
    Hazard(
        "duplicate and mixed column names",
        r"""
# %%
import pandas as pd
# %% stage:a
dup=pd.DataFrame([[1,2]],columns=['a','a'])
mix=pd.DataFrame([[1,2]],columns=['a',0])
wide=pd.DataFrame([[1,2]],columns=pd.MultiIndex.from_tuples([('x',1),('y',2)]))
# %% stage:b
print(dup.columns.tolist(), mix.columns.tolist(), wide.columns.tolist(), mix[0].tolist())
""",
        stages=2,
    ),
    Hazard(
        "cells that are lists, tuples, sets, mappings",
        r"""
# %%
import pandas as pd
# %% stage:a
df=pd.DataFrame({'l':[[1],[2,3]],'t':[(1,),(2,)],'d':[{'a':1},{'b':None}],'s':[{1},{2}]})
# %% stage:b
print(df.map(lambda v: type(v).__name__).values.tolist(), df.d.tolist())
""",
        stages=2,
    ),
    Hazard(
        "missing values of three kinds",
        r"""
# %%
import numpy as np, pandas as pd
# %% stage:a
df=pd.DataFrame({'o':pd.Series([None,np.nan,pd.NA,'x'],dtype=object),'i':pd.array([1,None,3,4],dtype='Int64')})
# %% stage:b
print([repr(v) for v in df.o], df.i.dtype, df.i.tolist())
""",
        stages=2,
    ),
    Hazard(
        "intervals, sparse columns, attributes of a frame",
        r"""
# %%
import pandas as pd
# %% stage:a
df=pd.DataFrame({'i':pd.cut([1,5],[0,2,6]),'s':pd.arrays.SparseArray([0,1])})
df.attrs['source']='x'
# %% stage:b
print(df.i.tolist(), df.s.dtype, df.attrs)
""",
        stages=2,
    ),
    Hazard(
        "a series with a name and an empty frame",
        r"""
# %%
import pandas as pd
# %% stage:a
s=pd.Series([1.0,2.0],name='s',index=pd.Index(['x','y'],name='k'))
e=pd.DataFrame({'a':pd.Series(dtype='int8')})
# %% stage:b
print(s.name, s.index.name, e.shape, e.a.dtype)
""",
        stages=2,
    ),
    Hazard(
        "sparse matrices",
        r"""
# %%
import numpy as np
from scipy import sparse
# %% stage:a
m=sparse.csr_matrix(np.eye(3))
# %% stage:b
print(type(m).__name__, m.format, m.sum())
""",
        stages=2,
    ),
    Hazard(
        "tuples, nested",
        r"""
# %% stage:a
t=(1,(2,[3]))
d={'k':(1,2)}
# %% stage:b
print(t, d, type(d['k']).__name__)
""",
        stages=2,
    ),
    Hazard(
        "keys that are no text",
        r"""
# %% stage:a
d={1:'a',True:'b',None:'c',(1,2):'d',2.5:'e','1':'f'}
# %% stage:b
print(d, d[(1,2)], [type(k).__name__ for k in d])
""",
        stages=2,
    ),
    Hazard(
        "bytes, bytearrays, arrays of the standard library",
        r"""
# %% stage:a
import array
b=b'\x00\xff'; ba=bytearray(b'ab'); ar=array.array('d',[1.5])
# %% stage:b
print(b, ba, ar)
""",
        stages=2,
    ),
    Hazard(
        "decimals, fractions, paths, ids, dates",
        r"""
# %% stage:a
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
import uuid, datetime as dt
v=[Decimal('1.10'), Fraction(1,3), Path('a/b'), uuid.UUID(int=5), dt.date(2024,1,2), dt.datetime(2024,1,2,tzinfo=dt.timezone.utc), dt.timedelta(1)]
# %% stage:b
print(v)
""",
        stages=2,
    ),
    Hazard(
        "sets, frozen sets, ranges, slices",
        r"""
# %% stage:a
v=[{3,1,2}, frozenset({1}), range(2,8,3), slice(1,None), ...]
# %% stage:b
print(v[0]=={1,2,3}, type(v[1]).__name__, v[2], v[3], v[4] is Ellipsis)
""",
        stages=2,
    ),
    Hazard(
        "a mapping's order",
        r"""
# %% stage:a
d={'z':1,'a':2}
d['m']=0
# %% stage:b
print(list(d), list({**d,'b':1}))
""",
        stages=2,
    ),
    Hazard(
        "large and small numbers",
        r"""
# %% stage:a
v=[10**40, 0.1+0.2, 1e308*10, 5e-324, True, 1, 1.0]
# %% stage:b
print(v, [type(x).__name__ for x in v])
""",
        stages=2,
    ),
    Hazard(
        "odd texts",
        r"""
# %% stage:a
v=['a\r\nb','\x00','é','😀','\ud800','"q"',r'\n','\u2028']
# %% stage:b
print([ascii(x) for x in v], [len(x) for x in v])
""",
        stages=2,
    ),
    Hazard(
        "subclasses of plain types",
        r"""
# %% stage:a
from collections import OrderedDict, defaultdict, Counter
class Name(str): pass
class Rows(list):
    tag='t'
n=Name('x'); r=Rows([1]); r.extra=2
dd=defaultdict(list,{'a':[1]})
# %% stage:b
print(type(n).__name__, type(r).__name__, r.extra, dd['new'], type(OrderedDict(a=1)).__name__)
""",
        stages=2,
    ),
    Hazard(
        "an int enum in a mapping, a bool beside an int",
        r"""
# %% stage:a
import http
d={'status':http.HTTPStatus.OK,'flag':True,'n':1}
# %% stage:b
print(d)
""",
        stages=2,
    ),
    Hazard(
        "a typed list in a metric",
        r"""
# %% stage:a
scores=(0.5,0.25)
# %% stage:b metrics
best={'score':max(scores),'n':len(scores)}
# %% stage:c
print(best, type(best['score']).__name__)
""",
        stages=3,
    ),
    Hazard(
        "the capital and the small letter",
        r"""
# %% stage:a
X=[1]
x=[2]
X.append(0); x.append(0)
# %% stage:b
print(X,x)
""",
        stages=2,
    ),
    Hazard(
        "a variable named like a random state's file",
        r"""
# %% stage:a
import random
random.seed(1)
rng_python=[random.random()]
rng_python.append(1)
# %% stage:b
print(rng_python, random.random())
""",
        stages=2,
    ),
    Hazard(
        "names that only differ at their end",
        r"""
# %% stage:a
a_very_long_name_that_goes_on_and_on_and_on_until_nobody_reads_it_any_more_at_all_number_one=[1]
a_very_long_name_that_goes_on_and_on_and_on_until_nobody_reads_it_any_more_at_all_number_two=[2]
a_very_long_name_that_goes_on_and_on_and_on_until_nobody_reads_it_any_more_at_all_number_one.append(0)
a_very_long_name_that_goes_on_and_on_and_on_until_nobody_reads_it_any_more_at_all_number_two.append(0)
# %% stage:b
print(a_very_long_name_that_goes_on_and_on_and_on_until_nobody_reads_it_any_more_at_all_number_one)
print(a_very_long_name_that_goes_on_and_on_and_on_until_nobody_reads_it_any_more_at_all_number_two)
""",
        stages=2,
    ),
    Hazard(
        "names outside of ASCII",
        r"""
# %% stage:a
größe=[1]
größe.append(2)
# %% stage:b
print(größe)
""",
        stages=2,
    ),
)
