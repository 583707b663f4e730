"""Parameters: their kinds, what is derived from them, what changes with them."""

from __future__ import annotations

from hazards.hazard import Hazard

HAZARDS = (
    Hazard(
        "a line derived from a parameter",
        r"""
# %% parameters
n=3
m=n*2
L=[1,2]
# %% stage:a
x=n+m
# %% stage:b
L.append(x)
# %% stage:c
print(L, m)
""",
        stages=3,
    ),
    Hazard(
        "a parameter that is bound anew",
        r"""
# %% parameters
n=2
# %% stage:a
m=n
n=n*10
# %% stage:b
k=n+1
# %% stage:c
print(m,n,k)
""",
        stages=3,
        change={"n": 4},
    ),
    Hazard(
        "a parameter that is a list, changed",
        r"""
# %% parameters
xs=[1]
# %% stage:a
n=len(xs)
# %% stage:b
xs.append(n)
# %% stage:c
print(xs)
""",
        stages=3,
        change={"xs": [5]},
    ),
    Hazard(
        "parameters of every kind",
        r"""
# %% parameters
i=7
f=0.5
s='x'
b=True
none=None
l=[1,'two',[3.0]]
d={'k':{'m':1}}
# %% stage:a
v=[i,f,s,b,none,l,d]
# %% stage:b
print(v,[type(x).__name__ for x in v])
""",
        stages=2,
        change={"i": 8, "f": 2.0, "s": "007", "b": False, "d": {"k": [1, None]}},
    ),
    Hazard(
        "a line derived from a derived line",
        r"""
# %% parameters
n=2
half=n/2
label=f'n={n}'
# %% stage:a
x=half+1
# %% stage:b
print(label, x)
# %% stage:c
print(half)
""",
        stages=3,
        change={"n": 4},
    ),
    Hazard(
        "a parameter that shortens a loop",
        r"""
# %% parameters
rounds=2
# %% stage:a
hist=[]
# %% stage:b
for i in range(rounds): hist.append(i)
# %% stage:c
print(hist,i)
""",
        stages=3,
        change={"rounds": 4},
    ),
    Hazard(
        "a parameter that a function reads",
        r"""
# %% parameters
rate=0.1
# %%
def pay(x): return x*rate
# %% stage:a
p=pay(100)
# %% stage:b
q=pay(10)
# %% stage:c
print(p,q)
""",
        stages=3,
        change={"rate": 0.5},
    ),
    Hazard(
        "a parameter read by name in text",
        r"""
# %% parameters
n=2
# %% stage:a
x=eval('n+1')
# %% stage:b
print(x, globals()['n'])
""",
        stages=2,
        change={"n": 5},
    ),
)
