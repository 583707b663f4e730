"""A Dockerfile that reproduces one pipeline, and the list of what stays out of its image.

The image holds the interpreter, the locked requirements and the pipeline's files, not git's history: DVC is
told to do without git (`core.no_scm`, in the image's own configuration, so that no file of the repository is
changed). The requirements have a layer of their own, before the sources, so that an edit installs nothing.

The list of what stays out lies beside the Dockerfile and has its name (`Dockerfile.dockerignore`): BuildKit
reads it in place of `.dockerignore`, which is one for the whole repository and may be somebody's own.
"""

from __future__ import annotations

import json
import shlex
from pathlib import PurePosixPath

from nb2prod.writers import recipe as steps
from nb2prod.writers.recipe import Recipe

_HEADER = """\
{name}: written by nb2prod {nb2prod}. Build it from the repository's root, run it, and take out what it made:

    docker build --file {folder}/Dockerfile --tag {name} .
    docker run --name {name} {name}
    docker cp {name}:/project ./{name}-results
    docker rm {name}

Inputs that are on disk when the image is built are in it. Others: mount their folder below /project, or run
`sh -c "dvc pull --with-deps dvc.yaml && dvc repro"` with what the remote asks for in the environment.
"""

_SYSTEM = """\
# git: for requirements that come from a repository. libgomp1: LightGBM and others load it. Add your own.
# Debian keeps one version of each at a time: a pin would soon name none.
# hadolint ignore=DL3008
RUN apt-get update \\
 && apt-get install --yes --no-install-recommends git libgomp1 \\
 && rm -rf /var/lib/apt/lists/* \\
 && useradd --create-home --uid 10001 pipeline \\
 && install --directory --owner=pipeline --group=pipeline /project
WORKDIR /project"""

_COPY = "COPY --chown=pipeline:pipeline . ."
_START = """\
USER 10001
RUN dvc root || dvc init --no-scm"""

# Secrets, histories, caches and other machines' environments, wherever they lie.
_NEVER = (
    "**/.git",
    "**/.env",
    "**/.env.*",
    "**/.netrc",
    "**/.venv",
    "**/venv",
    "**/__pycache__",
    "**/.ipynb_checkpoints",
    "**/.dvc/cache",
    "**/.dvc/tmp",
    "**/.dvc/config.local",
)


def path(recipe: Recipe) -> str:
    """Where the Dockerfile belongs, relative to the repository's root."""
    return f"{recipe.folder}/Dockerfile"


def ignore_path(recipe: Recipe) -> str:
    """Where the list of what stays out belongs, relative to the repository's root."""
    return f"{path(recipe)}.dockerignore"


def dockerfile(recipe: Recipe) -> str:
    """The text of the Dockerfile."""
    header = _HEADER.format(name=recipe.name, nb2prod=recipe.nb2prod, folder=steps.argument(recipe.folder))
    parts = (
        f"{_comment(header)}FROM {steps.image(recipe)}",
        _environment(),
        _SYSTEM,
        _requirements(recipe),
        _sources(recipe),
        f'WORKDIR {_word(f"/project/{recipe.folder}")}\nCMD ["dvc", "repro"]',
    )
    return "\n\n".join(parts) + "\n"


def dockerignore(recipe: Recipe) -> str:
    """The text of the list: only what the pipeline reads goes in, and of that nothing secret or remade."""
    folder = _escaped(recipe.folder)
    made = (f"{folder}/runs/*", f"!{folder}/runs/.gitkeep", f"{folder}/artifacts/**")
    sections = (
        f"# {recipe.name}: written by nb2prod {recipe.nb2prod}. The last line that matches a file decides.",
        "\n".join(_wanted(recipe)),
        "# Never.\n" + "\n".join(_NEVER + ((_escaped(recipe.prefix),) if recipe.prefix else ())),
        "# Made by the pipeline. Papermill wants the folder of its runs to be there.\n" + "\n".join(made),
    )
    return "\n\n".join(section for section in sections if section) + "\n"


def _wanted(recipe: Recipe) -> tuple[str, ...]:
    """All is left out but the folders of the notebook and the pipeline, the inputs and DVC's settings.

    A notebook in the root has the whole repository for its folder, and so has a package that is installed from
    there: nothing is left out here.
    """
    home = str(PurePosixPath(recipe.notebook).parent)
    if home == "." or "." in recipe.own:
        return ()
    pointers = (f"{item}.dvc" for item in recipe.inputs)
    paths = sorted({home, recipe.folder, *recipe.own, *recipe.inputs, *pointers, *steps.locked_files(recipe)})
    return ("*", "!**/.dvc/config", "!**/.dvcignore", *(f"!{_escaped(item)}" for item in paths))


def _environment() -> str:
    settings = ("DVC_NO_ANALYTICS", "PIP_DISABLE_PIP_VERSION_CHECK", "PIP_NO_CACHE_DIR")
    return "ENV " + " \\\n    ".join([*(f"{name}=1" for name in settings), "PIP_ROOT_USER_ACTION=ignore"])


def _requirements(recipe: Recipe) -> str:
    """The locked requirements in a layer that only the lock's own files renew."""
    copies = [_copy(item) for item in steps.locked_files(recipe)]
    run = "RUN " + " \\\n && ".join((*steps.install(recipe), "dvc config --system core.no_scm true"))
    says = "# The locked requirements. There is no git repository in the image: DVC is to work without one."
    return "\n".join([says, *_search_path(recipe), *copies, run])


def _sources(recipe: Recipe) -> str:
    """The sources, with the repository's own packages installed from where they lie."""
    own = steps.install_own(recipe)
    run = ["# The repository's own packages.\nRUN " + " \\\n && ".join(own)] if own else []
    return "\n".join([_COPY, *run, _START])


def _search_path(recipe: Recipe) -> tuple[str, ...]:
    if not recipe.prefix:
        return ()
    return (f"ENV PATH={_word(f'/project/{recipe.prefix}/bin')}:$PATH",)


def _copy(path: str) -> str:
    """A copy of one file to its own place, in the form that takes spaces.

    Docker expands variables (`$`) in both words, and takes the source for a pattern: a bracket around one of
    its characters makes it mean itself.
    """
    source = "".join(f"[{char}]" if char in "*?[" else char for char in path)
    target = f"{PurePosixPath(path).parent}/"
    return "COPY " + json.dumps([_unexpanded(source), _unexpanded(target)], ensure_ascii=False)


def _unexpanded(text: str) -> str:
    return text.replace("\\", "\\\\").replace("$", "\\$")


def _word(path: str) -> str:
    """A path in an instruction that is split and expanded as a shell would."""
    return shlex.quote(path)


def _escaped(path: str) -> str:
    """A path as the pattern of an ignore file that matches it alone."""
    escaped = "".join(f"\\{char}" if char in "\\*?[]" else char for char in path)
    return f"\\{escaped}" if escaped.startswith(("#", "!")) else escaped


def _comment(text: str) -> str:
    return "".join(f"# {line}".rstrip() + "\n" for line in text.splitlines())
