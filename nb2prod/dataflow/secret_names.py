"""Environment variables that a notebook reads, and whether it asks for passwords, as its text tells."""

from __future__ import annotations

import re
from collections.abc import Iterable

_READ = re.compile(r"""(?:environ\s*\[|environ\.get\(|getenv\()\s*[rbuRBU]?["'](\w+)["']""")


def environment_names(sources: Iterable[str]) -> frozenset[str]:
    """Names that stand in `os.environ["…"]`, `os.environ.get("…")` and `os.getenv("…")`."""
    return frozenset(name for source in sources for name in _READ.findall(source))


def asks_for_passwords(sources: Iterable[str]) -> bool:
    """Whether `getpass` is named anywhere."""
    return any("getpass" in source for source in sources)


# As `confidential.py` in the kernel has it: where and how a program runs, and nothing that anybody would hide.
_ORDINARY = re.compile(
    r"(HOME|PATH|USER|USERNAME|LOGNAME|PWD|OLDPWD|SHELL|TERM|LANG|LANGUAGE|LC_\w+|TZ|TMPDIR|TEMP|TMP|HOSTNAME|HOST|DISPLAY|"
    r"EDITOR|CI|DEBUG|COLUMNS|LINES|NO_COLOR|VIRTUAL_ENV|CONDA_\w+|PYTHON\w*|JUPYTER\w*|JPY_\w+|IPYTHON\w*|XDG_\w+|OMP_\w+|"
    r"MKL_\w+|OPENBLAS_\w+|NUMEXPR_\w+|CUDA_\w+|MPL\w+|NB2PROD_\w+|DVC_\w+|GIT_\w+|"
    r"\w+_(DIR|PATH|HOME|ROOT|FOLDER|FILE|REGION|LEVEL|THREADS|ENV|PORT|HOST))\Z"
)
_SENSITIVE = re.compile(
    r"pass|(?<=_)pwd|secret|token(?!izers)|credential|api_?key|private|auth(?!or|_sock)", re.IGNORECASE
)


def is_ordinary(name: str) -> bool:
    """Whether nobody would hide the variable's value."""
    return _ORDINARY.match(name) is not None and not _SENSITIVE.search(name)
