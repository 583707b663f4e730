"""Random generators: seeds, states, draws."""

from __future__ import annotations

from hazards.hazard import Hazard

HAZARDS = (
    Hazard(
        "Python's seeded generator goes on",
        r"""
# %% stage:a
import random
random.seed(3)
# %% stage:b
x=random.random()
# %% stage:c
y=random.random()
print(x,y)
""",
        stages=3,
    ),
    Hazard(
        "a NumPy generator object goes on",
        r"""
# %% stage:a
import numpy as np
rng=np.random.default_rng(1)
# %% stage:b
x=rng.normal()
# %% stage:c
print(rng.normal(),x)
""",
        stages=3,
    ),
    Hazard(
        "nobody seeded",
        r"""
# %% stage:a
import random
x=random.random()
# %% stage:b
print(x, random.random())
""",
        verdict="same when seeded",
        stages=2,
    ),
    Hazard(
        "NumPy's global generator goes on",
        r"""
# %%
import numpy as np
# %% stage:a
np.random.seed(4)
# %% stage:b
x=np.random.rand()
# %% stage:c
print(x, np.random.rand())
""",
        stages=3,
    ),
    Hazard(
        "a seed set inside a function",
        r"""
# %% stage:a
import random
def fix(s): random.seed(s)
fix(9)
# %% stage:b
x=random.random()
# %% stage:c
print(x, random.random())
""",
        stages=3,
    ),
    Hazard(
        "a seed from a parameter",
        r"""
# %% parameters
seed=1
# %% stage:a
import random
random.seed(seed)
x=random.random()
# %% stage:b
y=random.random()
# %% stage:c
print(x,y,random.random())
""",
        stages=3,
        change={"seed": 2},
    ),
    Hazard(
        "a draw whose number a parameter decides",
        r"""
# %% parameters
n=0
# %% stage:a
import random
random.seed(5)
# %% stage:b
for _i in range(n): random.random()
# %% stage:c
print(random.random())
""",
        stages=3,
        change={"n": 3},
    ),
    Hazard(
        "a draw inside a function of the notebook",
        r"""
# %% stage:a
import random
random.seed(5)
def noise(): return random.random()
# %% stage:b
x=noise()
# %% stage:c
print(x, noise())
""",
        stages=3,
    ),
    Hazard(
        "a random state that is saved and put back",
        r"""
# %% stage:a
import random
random.seed(1)
state=random.getstate()
x=random.random()
# %% stage:b
random.setstate(state)
y=random.random()
# %% stage:c
print(x==y, random.random())
""",
        stages=3,
    ),
    Hazard(
        "a generator object with two names",
        r"""
# %%
import numpy as np
# %% stage:a
rng=np.random.default_rng(3)
same=rng
# %% stage:b
a=rng.integers(100)
# %% stage:c
print(a, same.integers(100), same is rng)
""",
        stages=3,
    ),
    Hazard(
        "a generator inside an object",
        r"""
# %% stage:a
import random
class Sim:
    def __init__(self): self.r=random.Random(7)
    def go(self): return self.r.random()
s=Sim()
# %% stage:b
x=s.go()
# %% stage:c
print(x, s.go())
""",
        stages=3,
    ),
    Hazard(
        "a legacy RandomState and its method",
        r"""
# %%
import numpy as np
# %% stage:a
rs=np.random.RandomState(0)
draw=rs.rand
# %% stage:b
x=draw()
# %% stage:c
print(x, rs.rand())
""",
        stages=3,
    ),
    Hazard(
        "seeded only later",
        r"""
# %% stage:a
import random
x=random.random()
# %% stage:b
random.seed(1)
y=random.random()
# %% stage:c
print(x<2, y, random.random())
""",
        verdict="same when seeded",
        stages=3,
    ),
    Hazard(
        "two generators, one of them seeded",
        r"""
# %% stage:a
import random
import numpy as np
random.seed(3)
# %% stage:b
x=random.random()
y=np.random.rand()
# %% stage:c
print(random.random(), x, y)
""",
        verdict="same when seeded",
        stages=3,
    ),
)
