"""State beside the variables that changes only at other values of the parameters: modules, caches, libraries' settings."""

from __future__ import annotations

from hazards.found import OTHER, PARAMETER, Found

TOOLS = {
    "tools.py": "import itertools\nLEVEL = 1\nCACHE = {}\nids = itertools.count(1)\n\n\nclass Box:\n    made = 0\n\n"
    "    def __init__(self, size):\n        self.size = size\n        Box.made += size > 3\n\n    def grow(self):\n"
    "        set_level(self.size)\n\n\ndef set_level(value):\n    global LEVEL\n    LEVEL = value\n\n\n"
    "def level():\n    return LEVEL\n\n\ndef keep(key, value, kept={}):\n    kept[key] = value\n    return kept\n\n\n"
    "def settings():\n    return CACHE\n",
    "pack.py": "from pack_config import CONFIG\n",
    "pack_config.py": "class Config:\n    def __init__(self):\n        self.level = 1\n\n\nCONFIG = Config()\n",
}
A, B, C = "# %% stage:a\n", "# %% stage:b\n", "# %% stage:c\n"


def _tools(
    title: str, a: str, b: str, c: str, elsewhere: str = "refused", told: str = "tools.", stages: int = 3
) -> Found:
    return Found(title, f"{PARAMETER}{A}{a}{B}{b}{C}{c}", OTHER, elsewhere, told, stages, TOOLS)


MODULES = (
    _tools(
        "a module's dictionary, filled in a branch",
        "import tools\n",
        "if n > 3:\n    tools.CACHE['x'] = n\n    print('filled')\n",
        "print(tools.CACHE)\n",
        "same",
        "",
        stages=1,
    ),
    _tools(
        "a module's function that sets its state, in a branch",
        "import tools\n",
        "if n > 3:\n    tools.set_level(n)\n",
        "print(tools.level())\n",
        told="tools.LEVEL",
    ),
    _tools(
        "a module's function that sets its state to what it was",
        "import tools\nprint(tools.level())\n",
        "tools.set_level(n - 1)\n",
        "print(tools.level())\n",
        told="tools.LEVEL",
    ),
    _tools(
        "a module imported and changed in one cell",
        "import tools\nif n > 3:\n    tools.set_level(n)\n",
        "print(tools.level())\n",
        "print(n)\n",
        told="tools.LEVEL",
    ),
    _tools(
        "a method of a module's class that sets the module's state",
        "from tools import Box\nbox = Box(2)\n",
        "if n > 3:\n    Box(n).grow()\n",
        "import tools\nprint(tools.level(), box.size)\n",
        told="tools.",
    ),
    _tools(
        "a function of a module that remembers in a default",
        "import tools\n",
        "if n > 3:\n    tools.keep(1, 2)\n",
        "print(tools.keep(3, 4))\n",
        told="tools.keep",
    ),
    _tools(
        "a counter of a module",
        "import tools\n",
        "if n > 3:\n    print(next(tools.ids))\n",
        "print(next(tools.ids))\n",
        "same",
        "",
        stages=1,
    ),
    _tools(
        "a variable that is a module's own dictionary",
        "import tools\nheld = tools.settings()\n",
        "if n > 3:\n    held['x'] = n\n",
        "print(tools.CACHE)\n",
        "refused",
        "tools.CACHE",
        stages=1,
    ),
    _tools(
        "a package's settings object, changed in a branch",
        "import pack\n",
        "if n > 3:\n    pack.CONFIG.level = n\n",
        "from pack_config import CONFIG\nprint(CONFIG.level)\n",
        "same",
        "",
    ),
    _tools(
        "a module's variable, assigned from a parameter",
        "import tools\ntools.LEVEL = n // 2\n",
        "print(tools.level())\n",
        "print(tools.LEVEL)\n",
        "same",
        "",
    ),
)

CACHED = "import functools\nk = 3\n@functools.lru_cache\ndef f(x):\n    return [x * k]\n"


def _cached(title: str, a: str, b: str, c: str, stages: int = 1, start: str = CACHED) -> Found:
    return Found(title, f"{PARAMETER}{A}{start}{a}{B}{b}{C}{c}", OTHER, "same", "", stages)


CACHES = (
    _cached(
        "a cached function whose global is bound anew in a branch",
        "print(f(1))\n",
        "if n > 3:\n    k = 5\nprint(k)\n",
        "print(f(1), f(2))\n",
    ),
    _cached(
        "a cached function called through another one",
        "def g(x):\n    return f(x)[0] + 1\nprint(g(1))\n",
        "if n > 3:\n    k = 5\nprint(k)\n",
        "print(g(1), g(2))\n",
    ),
    _cached(
        "a cached function made by a call",
        "def slow(x):\n    return x * k\nfast = functools.lru_cache(maxsize=None)(slow)\nprint(fast(1))\n",
        "if n > 3:\n    k = 5\nprint(k)\n",
        "print(fast(1), fast(2))\n",
    ),
    _cached(
        "a cached method of a class",
        "class Rate:\n    @functools.lru_cache\n    def of(self, x):\n        return x * k\nrate = Rate()\nprint(rate.of(1))\n",
        "if n > 3:\n    k = 5\nprint(k)\n",
        "print(rate.of(1), rate.of(2))\n",
    ),
    _cached(
        "a cached function's result, changed in a branch",
        "print(f(1))\n",
        "if n > 3:\n    f(1).append(7)\nprint(n)\n",
        "print(f(1))\n",
    ),
    _cached(
        "a cached function's result under a name, changed in a branch",
        "print(f(1))\n",
        "held = f(1)\nif n > 3:\n    held.append(7)\nprint(held)\n",
        "print(f(1))\n",
    ),
    _cached(
        "a cached function that draws, called in a branch",
        "import random\nrandom.seed(1)\n@functools.cache\ndef draw():\n    return random.random()\nprint(draw())\n",
        "print(random.random())\n",
        "if n > 3:\n    print(draw())\nprint(n)\n",
    ),
    _cached(
        "a cached function of what does not change stays apart",
        "print(f(1))\n",
        "total = f(2)[0]\ntotal += 1\nprint(total)\n",
        "print(f(1), f(n))\n",
        stages=3,
    ),
)


def _library(title: str, start: str, branch: str, end: str, elsewhere: str, told: str = "", stages: int = 1) -> Found:
    cells = f"{PARAMETER}{A}{start}print(n)\n{B}{branch}{C}{end}"
    return Found(title, cells, OTHER, elsewhere, told, stages)


SOCKET = "import socket\n"
LIBRARIES = (
    _library(
        "a library's default, set in a branch",
        SOCKET,
        "if n > 3:\n    socket.setdefaulttimeout(n)\n",
        "print(socket.getdefaulttimeout())\n",
        "same",
        stages=3,
    ),
    _library(
        "a library's default, set in a branch that does more",
        SOCKET,
        "if n > 3:\n    socket.setdefaulttimeout(n)\n    print('set')\n",
        "print(socket.getdefaulttimeout())\n",
        "refused",
        "setting socket.setdefaulttimeout: this stage changed it",
        stages=3,
    ),
    _library(
        "a library's default, set by a function",
        SOCKET + "def patient(seconds):\n    socket.setdefaulttimeout(seconds)\n",
        "if n > 3:\n    patient(n)\n",
        "print(socket.getdefaulttimeout())\n",
        "refused",
        "setting socket.setdefaulttimeout: this stage changed it",
        stages=3,
    ),
    _library(
        "a library's default, set to a parameter's value",
        SOCKET,
        "socket.setdefaulttimeout(None if n < 4 else n)\nprint('set')\n",
        "print(socket.getdefaulttimeout())\n",
        "same",
        stages=3,
    ),
    _library(
        "a library's function that nobody knows, called in a branch that does more",
        "import codecs\n",
        "if n > 3:\n    codecs.register_error('marks', lambda error: ('?', error.end))\n    print('set')\n",
        "try:\n    print('ä'.encode('ascii', 'marks'))\nexcept LookupError:\n    print('none')\n",
        "same",
    ),
    _library(
        "the garbage collector, switched off in a branch that does more",
        "import gc\n",
        "if n > 3:\n    gc.disable()\n    print('off')\n",
        "print(gc.isenabled())\n",
        "refused",
        "setting gc.disable: this stage changed it",
        stages=3,
    ),
    _library(
        "an attribute of a library, set in a branch that does more",
        "import json\n",
        "if n > 3:\n    json.encoder.ESCAPE_DCT = {}\n    print('set')\n",
        "import json\nprint(len(json.encoder.ESCAPE_DCT))\n",
        "same",
    ),
    _library(
        "an attribute of a library, set through a function's argument",
        "import math\ndef patch(module):\n    module.tau = 6\n",
        "if n > 3:\n    patch(math)\n    print('set')\n",
        "print(math.tau)\n",
        "same",
    ),
    _library(
        "a function of a library, replaced in a branch that does more",
        "import statistics\n",
        "if n > 3:\n    statistics.mean = lambda values: 'mine'\n    print('set')\n",
        "print(statistics.mean([1]))\n",
        "same",
    ),
    _library(
        "the precision of decimals, set in a branch that does more",
        "import decimal\n",
        "if n > 3:\n    decimal.getcontext().prec = n\n    print('set')\n",
        "print(decimal.Decimal(1) / 3)\n",
        "same",
    ),
    _library(
        "the depth of recursion, set by a function",
        "import sys\ndef deep():\n    sys.setrecursionlimit(5000)\n",
        "if n > 3:\n    deep()\n",
        "print(sys.getrecursionlimit() == 5000)\n",
        "same",
    ),
    _library(
        "the level of a logger, set by a function",
        "import logging\ndef loud():\n    logging.getLogger('x').setLevel(10)\n",
        "if n > 3:\n    loud()\n",
        "print(logging.getLogger('x').level)\n",
        "same",
    ),
    _library(
        "scikit-learn's settings, made by a function",
        "import sklearn\ndef plain():\n    sklearn.set_config(assume_finite=True)\n",
        "if n > 3:\n    plain()\n",
        "print(sklearn.get_config()['assume_finite'])\n",
        "same",
    ),
    _library(
        "a colour map, set in a branch that does more",
        "import matplotlib.pyplot as plt\nplt.rcParams['image.cmap']\n",
        "if n > 3:\n    plt.set_cmap('gray')\n    plt.close('all')\n    print('set')\n",
        "print(plt.rcParams['image.cmap'])\n",
        "refused",
        "setting rcparams: this stage changed it",
        stages=3,
    ),
)

_LIST, _SHOWN = "items = [3, 1]\n", "print(items)\n"


def _reached(
    title: str, a: str, b: str, c: str, elsewhere: str = "refused", told: str = "this stage changed it"
) -> Found:
    return Found(title, f"{PARAMETER}{A}{a}{B}{b}{C}{c}", OTHER, elsewhere, told, 3)


# Ways to an object, or to what Python keeps beside it, that no assignment and no method's name shows.
REACHED = (
    _reached(
        "an operator of a class of the notebook",
        _LIST,
        "class Adder:\n    def __add__(self, other):\n        other.append(9)\nif n > 3:\n    Adder() + items\n",
        _SHOWN,
    ),
    _reached(
        "a comparison with an object of a class of the notebook",
        _LIST
        + "class Same:\n    def __eq__(self, other):\n        other.append(9)\n        return True\nsame = Same()\n",
        "if n > 3:\n    items == same\n",
        _SHOWN,
    ),
    _reached(
        "code that the shell is given as a text",
        _LIST,
        "if n > 3:\n    get_ipython().run_cell('items.append(9)')\n",
        _SHOWN,
    ),
    _reached("names that the shell is given", _LIST, "if n > 3:\n    get_ipython().push({'items': [9]})\n", _SHOWN),
    _reached(
        "one more kind for a function by kind",
        "import functools\n@functools.singledispatch\ndef kind(x):\n    return 'other'\n",
        "if n > 3:\n    @kind.register\n    def _(x: int):\n        return 'int'\n",
        "print(kind(3))\n",
    ),
    _reached(
        "one more class for an abstract one",
        "import abc\nclass Shape(abc.ABC): pass\nclass Dot: pass\n",
        "if n > 3:\n    Shape.register(Dot)\n",
        "print(issubclass(Dot, Shape))\n",
    ),
    _reached(
        "an array that may not be written to any more",
        "import numpy as np\nvalues = np.zeros(3)\n",
        "if n > 3:\n    values.flags.writeable = False\n",
        "print(values.flags.writeable)\n",
    ),
    _reached(
        "what a signal does",
        "import signal\n",
        "if n > 3:\n    signal.signal(signal.SIGUSR1, signal.SIG_IGN)\n",
        "print(signal.getsignal(signal.SIGUSR1) == signal.SIG_IGN)\n",
        "same",
        "",
    ),
    _reached(
        "a type of file",
        "import mimetypes\n",
        "if n > 3:\n    mimetypes.add_type('a/b', '.zz')\n",
        "print(mimetypes.guess_type('x.zz')[0])\n",
        "same",
        "",
    ),
    Found(
        "a file that is asked for only from another folder",
        f"{PARAMETER}{A}import os\nos.makedirs('sub', exist_ok=True)\n{B}os.chdir('sub')\n{C}"
        "if n > 3:\n    os.chdir('..')\nprint(os.path.exists('data.csv'))\n",
        OTHER,
        "same",
        stages=3,
        beside={"data.csv": "x\n1\n"},
    ),
)

_ARRAY, _ARRAY_SHOWN = "import numpy as np\na = np.array([[3.0, 1.0], [9.0, 7.0]])\n", "print(a.tolist())\n"
_FITTED = "from sklearn.preprocessing import StandardScaler\nscaler = StandardScaler(copy=False)\n"


def _used_up(title: str, made: str, looks: str) -> Found:
    """Whoever looks into it uses it up: its stages stay together."""
    cells = f"{PARAMETER}{A}import collections, io\nit = {made}\n{B}if n > 3:\n    {looks}\n{C}print(list(it))\n"
    return Found(title, cells, OTHER, "same")


# What is used up unseen, memory that others look into, doors to any name and any object.
UNSEEN = (
    _reached(
        "the shell itself, asked for after names hidden from analysis",
        "q = 1\n",
        "print(eval('q'))\n",
        "get_ipython().run_cell('q = 30')\nprint(q)\n",
        "same",
        "",
    ),
    _used_up("a reversed list", "reversed([1, 2])", "9 in it"),
    _used_up("an iterator of a deque", "iter(collections.deque([1, 2]))", "[*it]"),
    _used_up("lines of a text in memory", "io.StringIO('a\\nb\\n')", "set(it)"),
    _reached(
        "a name that is set on the main module",
        "q = 1\n",
        "import sys\nif n > 3:\n    setattr(sys.modules['__main__'], 'q', 29)\n",
        "print(q)\n",
    ),
    _reached(
        "a name that only the main module is given",
        "w = 1\n",
        "import sys\nif n > 3:\n    setattr(sys.modules['__main__'], 'q', 29)\n",
        "try:\n    print(q)\nexcept NameError:\n    print('none')\n",
        told="this stage leaves it bound",
    ),
    _reached(
        "an object that the garbage collector knows",
        _LIST,
        "import gc\nif n > 3:\n    next(o for o in gc.get_objects() if o is globals().get('items')).append(9)\n",
        _SHOWN,
    ),
    _reached(
        "bytes that an array looks into",
        "import numpy as np\nq = bytearray(8)\na = np.frombuffer(q, dtype='i8')\n",
        "if n > 3:\n    a[0] = 5\n",
        "print(q)\n",
    ),
    Found(
        "a class's attribute, set by its metaclass",
        f"{PARAMETER}{A}class K:\n    size = 1\n{B}if n > 3:\n    type.__setattr__(K, 'size', 9)\n{C}print(K.size)\n",
        OTHER,
        "same",
    ),
    Found(
        "a function that remembers, and prints when it does not",
        f"{PARAMETER}{A}import functools\n@functools.lru_cache\ndef f(x):\n    print('run')\n    return x\n"
        f"{B}if n > 3:\n    f(1)\n{C}print(f(1))\n",
        OTHER,
        "same",
    ),
    _reached("a ufunc that adds in place", _ARRAY, "if n > 3:\n    np.add.at(a, [0], 5)\n", _ARRAY_SHOWN),
    _reached("a ufunc whose last argument is its result", _ARRAY, "if n > 3:\n    np.clip(a, 0, 2, a)\n", _ARRAY_SHOWN),
    _reached("a method that `map` calls", _ARRAY, "if n > 3:\n    list(map(a.__setitem__, [0], [5]))\n", _ARRAY_SHOWN),
    _reached(
        "an estimator that works in the memory that it is given",
        _ARRAY + _FITTED,
        "if n > 3:\n    scaler.fit_transform(a)\n",
        _ARRAY_SHOWN,
    ),
    _reached(
        "a median that overwrites its input",
        _ARRAY,
        "if n > 3:\n    np.median(a, axis=1, overwrite_input=True)\n",
        _ARRAY_SHOWN,
    ),
)


def _reported(title: str, a: str, report: str, b: str, elsewhere: str = "same", told: str = "") -> Found:
    """The cell tagged `report` comes last only where no path that was not taken could tell."""
    beside = {"tools.py": "LEVEL = 1\n\n\ndef up():\n    global LEVEL\n    LEVEL = 7\n"}
    cells = f"{PARAMETER}{A}{a}# %% report\n{report}{B}{b}"
    return Found(title, cells, OTHER, elsewhere, told, 2, beside)


REPORTED = (
    _reported(
        "a report, and a later cell that changes what it shows", _LIST, _SHOWN, "if n > 3:\n    items.append(9)\n"
    ),
    _reported("a report that changes what a later cell shows", _LIST, "if n > 3:\n    items.append(9)\n", _SHOWN),
    _reported(
        "a report, and another name for what it shows",
        _LIST + "other = items\n",
        _SHOWN,
        "if n > 3:\n    other.append(9)\nprint(other)\n",
        "refused",
        "variable items: this stage changed it",
    ),
    _reported(
        "a report that makes a setting",
        "import pandas as pd\n",
        "if n > 3:\n    pd.set_option('display.max_rows', 4)\n",
        "print(pd.get_option('display.max_rows'))\n",
    ),
    _reported(
        "a report, and a setting made later",
        "import os\n",
        "print(os.environ.get('QQ'))\n",
        "if n > 3:\n    os.environ['QQ'] = '1'\nprint(n)\n",
    ),
    _reported(
        "a report, and a module changed later",
        "import tools\n",
        "print(tools.LEVEL)\n",
        "if n > 3:\n    tools.up()\nprint(tools.LEVEL)\n",
    ),
    _reported(
        "a report that changes a module",
        "import tools\n",
        "if n > 3:\n    tools.up()\n",
        "print(tools.LEVEL)\n",
        "refused",
        "module variable tools.LEVEL: this stage changed it",
    ),
)


def _drawn(title: str, a: str, b: str, stages: int, c: str = "print(n)\n") -> Found:
    """Figures that stay open, because the notebook chose another backend than a kernel's own."""
    start = "import matplotlib\nmatplotlib.use('agg')\nimport matplotlib.pyplot as plt\n"
    return Found(title, f"{PARAMETER}{A}{start}{a}print(n)\n{B}{b}{C}{c}", OTHER, "same", "", stages)


DRAWN = (
    _drawn(
        "a figure opened in a branch, and counted", "if n > 3:\n    plt.figure()\n", "print(plt.get_fignums())\n", 2
    ),
    _drawn(
        "a figure left open in a branch, and drawn on",
        "if n > 3:\n    plt.plot([1, 2])\n",
        "plt.plot([3, 4])\nprint(len(plt.gca().lines))\n",
        2,
    ),
    _drawn(
        "a series that is plotted on the figure left open",
        "import pandas as pd\ns = pd.Series([1, 2])\nif n > 3:\n    plt.plot([1, 2])\n",
        "print(len(s.plot().lines))\n",
        2,
    ),
    _drawn(
        "a figure left open, and figures of their own",
        "if n > 3:\n    plt.plot([1, 2])\n",
        "fig, axes = plt.subplots(2)\nplt.plot([3, 4])\nprint(len(plt.gca().lines))\n",
        3,
        "plt.close('all')\nplt.plot([3, 4])\nprint(plt.get_fignums())\n",
    ),
)
