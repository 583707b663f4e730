"""What a machine needs to know to check and to reproduce one pipeline, and the commands that do it.

The engines (GitHub, GitLab, a container) differ in how they are told; what they run is the same, and
stands here:

1. *check*: nb2prod, in an interpreter of its own, says whether the pipeline is what the notebook says and
   whether `dvc.lock` agrees with `dvc.yaml`; then the pipeline's tests run in the locked environment, and
   the pipeline on a sample of its data where one lies beside it. No data, no secret.
2. *reproduce*: the locked environment, the data from the remote where there is one, `dvc repro` (nb2prod
   is not installed yet: a pipeline does not need it), the metrics against the base branch, and `nb2prod
   verify`.

Each command is POSIX shell and runs from the repository's root. A path becomes a word of a command only
through `argument`.
"""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass

from nb2prod.pipeline.profile import KEPT as KEPT_SAMPLE

_NAME = re.compile(r"[a-z0-9_][a-z0-9_-]*", re.ASCII)
_VERSION = re.compile(r"[A-Za-z0-9][A-Za-z0-9.+!_-]*", re.ASCII)
# The base of images: a release of Debian too, so that a rebuild does not change the system under the
# pipeline.
_PYTHON_IMAGE = "python:{python}-slim-trixie"
_CONDA_IMAGE = "condaforge/miniforge3:25.11.0-0"


@dataclass(frozen=True, slots=True)
class Recipe:
    """What a machine needs to know to check and to reproduce one pipeline.

    `name` names files and jobs and is unique in its repository; `folder` and `notebook` are POSIX paths
    relative to the repository's root. `install` are shell commands, run from the root, that install the
    locked requirements, papermill and dvc; `locked` are the files that they read. `kernel` is a name to
    register, or None where the kernel is `python3`. `nb2prod` is a version. `inputs` are files tracked by
    DVC or git that are read. `prefix` is the folder of the environment that `install` makes, where that
    is not the active interpreter's. `network`: whether the notebook reads from others, as was agreed to.
    `own`: folders of the repository's packages that are installed as editable ones.
    """

    name: str
    folder: str
    notebook: str
    python: str
    install: tuple[str, ...]
    kernel: str | None
    nb2prod: str
    inputs: tuple[str, ...] = ()
    locked: tuple[str, ...] = ()
    prefix: str = ""
    network: bool = False
    own: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Refuse what no quoting could make harmless in every file that is written."""
        if not _NAME.fullmatch(self.name):
            raise ValueError(f"a pipeline's name is made of a-z, 0-9, _ and -, not {self.name!r}")
        for version in (self.python, self.nb2prod):
            if not _VERSION.fullmatch(version):
                raise ValueError(f"not a version: {version!r}")
        for path in (self.folder, self.notebook, self.prefix, *self.inputs, *self.locked, *self.own):
            if not _is_path(path):
                raise ValueError(f"not a relative POSIX path of printable characters: {path!r}")


def _is_path(path: str) -> bool:
    return path.isprintable() and not path.startswith("/") and ".." not in path.split("/")


def argument(path: str) -> str:
    """A path as one word of a shell command, which no program takes for an option."""
    return shlex.quote(f"./{path}" if path.startswith("-") else path)


def interpreter(prefix: str) -> str:
    """The command that starts the locked environment's Python: the active one, or the prefix's."""
    return argument(f"{prefix}/bin/python") if prefix else "python"


def image(recipe: Recipe) -> str:
    """The container image for the recipe: a slim Python, or conda where the lock is conda's."""
    return _CONDA_IMAGE if recipe.prefix else _PYTHON_IMAGE.format(python=recipe.python)


def locked_files(recipe: Recipe) -> tuple[str, ...]:
    """The files that `install` reads; those of nb2prod's own list where the recipe does not say."""
    return recipe.locked or (f"{recipe.folder}/requirements.txt",)


def watched(recipe: Recipe) -> tuple[str, ...]:
    """The files and folders (ending in a slash) whose change asks for a check."""
    pointers = tuple(f"{path}.dvc" for path in recipe.inputs)
    paths = {recipe.notebook, *recipe.inputs, *pointers, *locked_files(recipe)}
    inside = {path for path in paths if path.startswith(f"{recipe.folder}/")}
    return (f"{recipe.folder}/", *sorted(paths - inside))


def compare_with_notebook(recipe: Recipe) -> tuple[str, ...]:
    """`convert --check`, with nb2prod in an environment of its own, so that it changes no locked version."""
    notebook, folder = argument(recipe.notebook), argument(recipe.folder)
    return (
        'tool="$(mktemp -d)"',
        'python -m venv "$tool"',
        f'"$tool/bin/python" -m pip install nb2prod=={recipe.nb2prod}',
        f'"$tool/bin/nb2prod" convert {notebook} --out {folder} --check',
    )


def install(recipe: Recipe) -> tuple[str, ...]:
    """The locked environment, and the kernel's name where the notebooks ask for one of their own."""
    if recipe.kernel is None:
        return recipe.install
    python, kernel = interpreter(recipe.prefix), shlex.quote(recipe.kernel)
    return (*recipe.install, f"{python} -m ipykernel install --sys-prefix --name {kernel}")


def install_own(recipe: Recipe) -> tuple[str, ...]:
    """The repository's own packages, from where they lie, beside the locked requirements that they have."""
    python = interpreter(recipe.prefix)
    return tuple(f"{python} -m pip install --no-deps --editable {_folder(place)}" for place in recipe.own)


def _folder(path: str) -> str:
    """A folder that pip does not take for a name on the index."""
    return shlex.quote("." if path == "." else f"./{path}")


def run_tests(recipe: Recipe) -> tuple[str, ...]:
    """The pipeline's tests, in the locked environment."""
    return ("python -m pip install pytest", f"python -m pytest {argument(f'{recipe.folder}/tests')}")


def run_sample(recipe: Recipe) -> tuple[str, ...]:
    """The sample profile, where a part of the data lies beside the pipeline: no other data are asked for."""
    folder = argument(recipe.folder)
    return (
        f"if [ -d {argument(f'{recipe.folder}/{KEPT_SAMPLE}')} ]; then",
        f"  python -m pip install nb2prod=={recipe.nb2prod}",
        f"  nb2prod run {folder} --profile sample",
        "else",
        "  echo 'There is no sample of the data: nb2prod run --profile sample --keep makes one.'",
        "fi",
    )


def pull(recipe: Recipe, credentials: str) -> tuple[str, ...]:
    """The data from the DVC remote, where one is configured.

    `credentials` is a command that prints a DVC configuration with what the remote asks for: one form for
    every kind of remote. It is on disk, readable by this user only, until the data is here: the
    notebook's code, which runs next, does not find it.
    """
    dvc = f"dvc --cd {argument(recipe.folder)}"
    return (
        "(",
        f'  private={argument(recipe.folder)}/"$({dvc} root)"/.dvc/config.local',
        '  if [ -n "${DVC_CONFIG_LOCAL:-}" ]; then',
        "    trap 'rm -f \"$private\"' EXIT",
        f'    (umask 077 && {credentials} > "$private")',
        "  fi",
        f'  if [ -n "$({dvc} remote list)" ]; then',
        # What was never pushed is made anew by the next step; only an input that is missing fails there.
        f"    {dvc} pull --with-deps --allow-missing dvc.yaml",
        "  fi",
        ")",
    )


def reproduce(recipe: Recipe) -> tuple[str, ...]:
    """`dvc repro`: what is out of date, or every stage where FORCE is `true`."""
    dvc = f"dvc --cd {argument(recipe.folder)}"
    return (
        'if [ "${FORCE:-}" = true ]; then',
        f"  {dvc} repro --force",
        "else",
        f"  {dvc} repro",
        "fi",
    )


def compare_metrics(recipe: Recipe) -> str:
    """The metrics against the branch that BASE names, changed or not, as a table in Markdown."""
    return f'dvc --cd {argument(recipe.folder)} metrics diff --all --md "origin/$BASE"'


def verify(recipe: Recipe) -> tuple[str, ...]:
    """The notebook and the pipeline, run and compared again."""
    return (
        f"python -m pip install nb2prod=={recipe.nb2prod}",
        f"nb2prod verify {argument(recipe.folder)}{' --allow-network' if recipe.network else ''}",
    )
