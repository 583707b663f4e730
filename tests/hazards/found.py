"""What random composed notebooks found, reduced to its cause. Mended; each must stay so."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple


class Found(NamedTuple):
    """`elsewhere`: what the pipeline must do at `others`: give the same, or refuse with `told`. `stages`: at least.

    `beside`: the text of files in its folder.
    """

    title: str
    cells: str
    others: Mapping[str, object] = {}
    elsewhere: str = ""
    told: str = ""
    stages: int = 1
    beside: Mapping[str, str] = {}


PARAMETER = "# %% parameters\nn = 2\n"
OTHER = {"n": 5}

FOUND = (
    Found(
        "a name that is bound only for other values",
        PARAMETER + "# %% stage:a\nif n > 4:\n    late = [5]\n# %% stage:b\ntry:\n    print(late)\n"
        "except NameError:\n    print('none')\n",
        OTHER,
        "refused",
        "variable late: this stage leaves it bound",
        stages=2,
    ),
    Found(
        "a name that is not bound for other values",
        PARAMETER + "# %% stage:a\nif n < 4:\n    late = [5]\n# %% stage:b\ntry:\n    print(late)\n"
        "except NameError:\n    print('none')\n",
        OTHER,
        "refused",
        "variable late: this stage does not bind it",
        stages=2,
    ),
    Found(
        "a name that is deleted only at the defaults",
        PARAMETER + "# %% stage:a\nx = [1]\n# %% stage:b\nif n < 4:\n    del x\n# %% stage:c\ntry:\n    print(x)\n"
        "except NameError:\n    print('none')\n",
        OTHER,
        "refused",
        "variable x: this stage leaves it bound",
        stages=3,
    ),
    Found(
        "a class that counts its instances, in a branch",
        PARAMETER + "# %% stage:a\nclass Acc:\n    made = 0\n    def __init__(self):\n        Acc.made += 1\n"
        "# %% stage:b\nif n > 3:\n    Acc()\n# %% stage:c\nprint(Acc.made)\n",
        OTHER,
        "refused",
        "variable Acc: this stage changed it",
        stages=3,
    ),
    Found(
        "a class method that counts, in a branch",
        PARAMETER
        + "# %% stage:a\nclass Acc:\n    made = 0\n    @classmethod\n    def make(cls):\n        cls.made += 1\n"
        "        return cls()\n# %% stage:b\nif n > 3:\n    Acc.make()\n# %% stage:c\nprint(Acc.made)\n",
        OTHER,
        "refused",
        "variable Acc: this stage changed it",
        stages=3,
    ),
    Found(
        "a function with a memory, called in a branch",
        PARAMETER
        + "# %% stage:a\ndef keep(v, kept=[]):\n    kept.append(v)\n    return kept\n# %% stage:b\nif n > 3:\n"
        "    keep(1)\n# %% stage:c\nprint(keep(2))\n",
        OTHER,
        "refused",
        "variable keep: this stage changed it",
        stages=3,
    ),
    Found(
        "a parameter that a stored value holds, changed in a branch",
        "# %% parameters\nn = 2\nsteps = [1]\n# %% stage:a\nheld = {'x': steps}\n# %% stage:b\nif n > 3:\n"
        "    steps.append(1)\nprint(held)\n# %% stage:c\nprint(held, steps)\n",
        {"n": 5, "steps": [1]},
        "refused",
        "this stage changed it",
        stages=3,
    ),
    Found(
        "a parameter that one stage takes from a file and another from the parameters",
        "# %% parameters\nn = 2\nsteps = [1]\n# %% stage:a\nk = 3\n# %% stage:b\nheld = [steps, steps]\nif n > 3:\n"
        "    held[0].append(k)\nprint(held)\n# %% stage:c\nprint(steps)\n# %% stage:d\nsteps.append(3)\nprint(steps)\n",
        {"n": 5, "steps": [1]},
        "refused",
        "variable steps: this stage changed it",
        stages=4,
    ),
    Found(
        "an instance is read in a stage that only its list matters to",
        "# %% stage:a\nimport dataclasses\nsteps = [1, 2]\n@dataclasses.dataclass\nclass Box:\n    size: int\n"
        "    items: list = dataclasses.field(default_factory=list)\nbox = Box(16, steps)\n# %% stage:b\n"
        "steps.append(31)\nprint(steps)\n# %% stage:c\nprint(box)\n",
        stages=3,
    ),
    Found(
        "a name bound to itself",
        "# %% stage:a\nimport pandas as pd\nd = pd.DataFrame({'x': [1]})\nd = d\n# %% stage:b\nprint(d['x'].sum())\n",
        stages=2,
    ),
    Found(
        "a variable of a skipped cell that shares objects",
        "# %% stage:a\nb = [1]\n# %% skip\nlook = {'b': b}\n# %% stage:b\nb.append(2)\nprint(b)\n# %% stage:c\nprint(b)\n",
        stages=3,
    ),
    Found(
        "a skipped cell binds anew what nobody uses afterwards",
        "# %% stage:a\nb = [1]\nprint(b)\n# %% skip\nb = [2]\n# %%\nprint('go on')\n# %% stage:b\nb = [3]\nprint(b)\n",
        stages=2,
    ),
    Found(
        "a file that a later stage removes",
        "# %% stage:a\nfrom pathlib import Path\nPath('temp.txt').write_text('x')\n# %% stage:b\n"
        "print(Path('temp.txt').read_text())\nPath('temp.txt').unlink()\n# %% stage:c\nprint(Path('temp.txt').exists())\n",
    ),
    Found(
        "whether a file of the project is there",
        "# %% stage:a\nimport os\nprint(os.path.exists('numbers.txt'))\n# %% stage:b\n"
        "from pathlib import Path\nprint(Path('numbers.txt').exists())\n",
        stages=2,
    ),
    Found(
        "the files beside the notebook, listed by a pattern",
        "# %% stage:a\nfrom pathlib import Path\nprint(sorted(p.name for p in Path('.').glob('*.txt')))\n# %% stage:b\nprint(1)\n",
        stages=2,
    ),
    Found(
        "a pattern sees nothing of what a later stage writes",
        "# %% stage:a\nimport glob\nfrom pathlib import Path\nprint(glob.glob('*.csv'), [p.name for p in Path('.').glob('w*.json')])\n"
        "# %% stage:b\nPath('late.txt').write_text('1')\n# %% stage:c\nprint(sorted(glob.glob('*.txt')))\n",
        stages=3,
    ),
    Found(
        "a pattern sees what a later stage writes",
        "# %% stage:a\nimport glob\nprint(sorted(glob.glob('*.txt')))\n"
        "# %% stage:b\nopen('late.txt', 'w').write('1')\n# %% stage:c\nprint(2)\n",
        stages=2,
    ),
    Found(
        "a log that later stages open and do not write to",
        "# %% stage:a\nimport logging\nlogging.basicConfig(filename='run.log', level=20)\nlogging.info('begin')\n"
        "# %% stage:b\nx = len('b')\n# %% stage:c\nprint(x)\n",
        stages=3,
    ),
    Found(
        "a file that is written only for other values",
        PARAMETER + "# %% stage:a\nfrom pathlib import Path\nif n > 3:\n    Path('late.txt').write_text('7')\n"
        "# %% stage:b\nprint(Path('late.txt').exists())\n",
        OTHER,
        "refused",
        "late.txt: this stage writes it and does not declare it",
        stages=2,
    ),
    Found(
        "as many files as a parameter says",
        PARAMETER + "# %% stage:a\nfrom pathlib import Path\nimport glob\nfor i in range(n):\n"
        "    Path(f'many_{i}.txt').write_text(str(i))\n# %% stage:b\nprint(len(glob.glob('many_*.txt')))\n",
        OTHER,
        "refused",
        "many_2.txt: this stage writes it and does not declare it",
        stages=2,
    ),
    Found(
        "a file of another stage that is rewritten for other values",
        PARAMETER + "# %% stage:a\nfrom pathlib import Path\nPath('c.txt').write_text('1')\n# %% stage:b\nif n > 3:\n"
        "    Path('c.txt').write_text('2')\n# %% stage:c\nprint(Path('c.txt').read_text())\n",
        OTHER,
        "refused",
        "c.txt: this stage writes it and does not declare it",
        stages=3,
    ),
    Found(
        "a file named after a parameter is its own at every value",
        PARAMETER + "# %% stage:a\nfrom pathlib import Path\nPath(f'by_{n}.txt').write_text('1')\nif n > 9:\n"
        "    Path('never.txt').write_text('2')\n# %% stage:b\nprint(Path(f'by_{n}.txt').read_text())\n",
        OTHER,
        "same",
        stages=2,
    ),
    Found(
        "a library's setting that a function makes for other values",
        PARAMETER + "# %% stage:a\nimport numpy as np\ndef quiet():\n    np.seterr(divide='raise')\n# %% stage:b\n"
        "if n > 3:\n    quiet()\n# %% stage:c\nprint(np.geterr()['divide'])\n",
        OTHER,
        "refused",
        "setting numpy_print: this stage changed it",
        stages=3,
    ),
    Found(
        "the underscore, bound and read across stages of its own",
        "# %% stage:a\n_ = print(1)\nfor _ in range(2):\n    pass\n# %% stage:b\nfor _ in range(3):\n    pass\nprint(2)\n",
        stages=2,
    ),
)
