"""State that changes where the code only seems to look: callbacks, labels, enumerations, generators inside objects."""

from __future__ import annotations

from hazards.found import OTHER, PARAMETER, Found

A, B, C = "# %% stage:a\n", "# %% stage:b\n", "# %% stage:c\n"
_CHANGED = "this stage changed it"


def _found(title: str, a: str, branch: str, c: str, elsewhere: str = "refused", told: str = _CHANGED) -> Found:
    stages = 3 if elsewhere == "refused" else 1
    b = "if n > 3:\n    " + branch.replace("\n", "\n    ") + "\nprint(n)\n"
    return Found(title, f"{PARAMETER}{A}{a}{B}{b}{C}{c}", OTHER, elsewhere, told, stages)


LOOKED_AT = (
    _found(
        "an object that an optimizer calls",
        "from scipy import optimize\nclass Log:\n    def __init__(self):\n        self.seen = []\n"
        "    def __call__(self, x):\n        self.seen.append(1)\nlog = Log()\n",
        "optimize.minimize(lambda x: (x[0] - 1) ** 2, [0.0], callback=log)",
        "print(len(log.seen) > 0)\n",
    ),
    _found(
        "a class that counts how often its objects are hashed",
        "class Key:\n    hashed = 0\n    def __hash__(self):\n        Key.hashed += 1\n        return 1\nkey = Key()\n",
        "key in {1: 2}",
        "print(Key.hashed)\n",
        "same",
        "",
    ),
    _found(
        "a frame's labels, named under a name of their own",
        "import pandas as pd\nframe = pd.DataFrame({'v': [1, 2]})\nlabels = frame.index\n",
        "labels.name = 'id'",
        "print(list(frame.reset_index().columns))\n",
    ),
    _found(
        "classes below one, found whatever their names",
        "class Base: pass\nclass One(Base): pass\n",
        "class Two(Base): pass",
        "print(sorted(one.__name__ for one in Base.__subclasses__()))\n",
        "same",
        "",
    ),
    _found(
        "a member of an enumeration that counts",
        "import enum\nclass Colour(enum.Enum):\n    RED = 1\n    def __init__(self, _):\n        self.hits = 0\n"
        "    def hit(self):\n        self.hits += 1\n",
        "Colour.RED.hit()",
        "print(Colour.RED.hits)\n",
    ),
    _found(
        "a class that a library's function completes",
        "import functools\nclass Size:\n    def __init__(self, v):\n        self.v = v\n"
        "    def __lt__(self, other):\n        return self.v < other.v\n    def __eq__(self, other):\n"
        "        return self.v == other.v\n",
        "functools.total_ordering(Size)",
        "print('__ge__' in vars(Size))\n",
        "same",
        "",
    ),
    _found(
        "a generator inside an object",
        "class Loader:\n    def __init__(self, rows):\n        self.rows = (row for row in rows)\n"
        "    def next(self):\n        return next(self.rows)\nloader = Loader([1, 2, 3])\n",
        "loader.next()",
        "print(loader.next())\n",
        "same",
        "",
    ),
    _found(
        "a class defined anew, and an object of the old one",
        "class Model:\n    def rate(self):\n        return 1\nmodel = Model()\n",
        "class Model:\n    def rate(self):\n        return 2",
        "print(model.rate(), isinstance(model, Model))\n",
        told="this stage leaves it bound",
    ),
    Found(
        "an array's part, a view or a copy",
        f"{PARAMETER}{A}import numpy as np\nall_of = np.zeros(6)\n{B}part = all_of[:2] if n > 3 else all_of[:2].copy()\n"
        f"{C}part += 1\nprint(all_of.tolist())\n",
        OTHER,
        "refused",
        "it shares objects with variable all_of",
        3,
    ),
    Found(
        "an object that keeps what it is made with, or something new",
        f"{PARAMETER}{A}defaults = {{'x': 1}}\nclass Settings:\n    def __init__(self, k):\n"
        f"        self.held = defaults if k > 3 else {{}}\n{B}settings = Settings(n)\n"
        f"{C}settings.held['x'] = 9\nprint(defaults)\n",
        OTHER,
        "refused",
        "it shares objects with variable defaults",
        3,
    ),
    _found(
        "a list that an object of the notebook's holds too",
        "class Window:\n    def __init__(self, last):\n        self.last = last\n    def push(self, x):\n"
        "        self.last.append(x)\nlast = [1]\nwindow = Window(last)\n",
        "window.push(10)",
        "print(last)\n",
    ),
)
