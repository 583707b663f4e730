"""A GitHub Actions workflow for one pipeline: a check that needs nothing, a reproduction on demand.

- `check` runs on a push that touches the pipeline and on every pull request (a check that branch
  protection asks for must always report, so pull requests have no path filter). No data, no secret, no
  special machine.
- `reproduce` runs when somebody starts it, and on a schedule where people have added one (the file's header
  says how). A scheduled run executes every stage: it looks for what rots, not for what changed.

Nothing has a permission but to read the code; actions are pinned by commit; values of the repository's
users reach a script through its environment only, and what comes from the recipe cannot hold an
expression (see `_script`).
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable
from typing import Any

from nb2prod.writers import recipe as steps
from nb2prod.writers import yaml_text
from nb2prod.writers.recipe import Recipe
from nb2prod.writers.yaml_text import Note

# A tag can be moved to other code, a commit cannot. Dependabot and Renovate read the comment and renew both.
CHECKOUT = Note("actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1", "v7.0.1")
SETUP_PYTHON = Note("actions/setup-python@5fda3b95a4ea91299a34e894583c3862153e4b97", "v7.0.0")
UPLOAD_ARTIFACT = Note("actions/upload-artifact@043fb46d1a93c77aae656e7c1c64a875d1fc6a0a", "v7.0.1")

_HEADER = """\
{name}: written by nb2prod {nb2prod}.

check      on a push or a pull request: needs no data, no secret and no GPU.
reproduce  when somebody starts it (Actions, "{name}", Run workflow). To have it run every stage each week
           too, add to "on":
               schedule:
               - cron: '{weekly}'
           It reads one secret, DVC_CONFIG_LOCAL, needed only where the DVC remote asks for credentials: the
           text of a .dvc/config.local, such as
               ['remote "storage"']
                   access_key_id = ...
                   secret_access_key = ...
           The executed notebooks are uploaded: whoever can read this repository's runs can read them.
"""


def path(recipe: Recipe) -> str:
    """Where the workflow belongs, relative to the repository's root."""
    return f".github/workflows/{recipe.name}.yml"


def workflow(recipe: Recipe) -> str:
    """The text of the workflow."""
    data = {
        "name": recipe.name,
        "on": _events(recipe),
        "permissions": {},
        "concurrency": {
            "group": f"{recipe.name}-${{{{ github.event_name }}}}-${{{{ github.ref }}}}",
            "cancel-in-progress": "${{ github.event_name == 'pull_request' }}",
        },
        "defaults": {"run": {"shell": "bash"}},
        "env": {"DVC_NO_ANALYTICS": "1", "PIP_DISABLE_PIP_VERSION_CHECK": "1"},
        "jobs": {"check": _check(recipe), "reproduce": _reproduce(recipe)},
    }
    header = _HEADER.format(name=recipe.name, nb2prod=recipe.nb2prod, weekly=_weekly(recipe.name))
    return yaml_text.dump(data, header=header)


def _events(recipe: Recipe) -> dict[str, Any]:
    paths = [*(_pattern(item) for item in steps.watched(recipe)), path(recipe)]
    force = {"description": "Run every stage, changed or not", "type": "boolean", "default": False}
    return {
        "push": {"paths": paths},
        "pull_request": {},
        "workflow_dispatch": {"inputs": {"force": force}},
    }


def _check(recipe: Recipe) -> dict[str, Any]:
    return {
        # Branch protection knows a check by this name alone, whatever its workflow.
        "name": f"{recipe.name} check",
        "if": "github.event_name != 'schedule'",
        **_machine(minutes=20),
        "steps": [
            _checkout(history=False),
            _setup_python(recipe),
            _run(
                "The pipeline is what the notebook says, and dvc.lock agrees with dvc.yaml",
                steps.compare_with_notebook(recipe),
            ),
            _run("Install the locked requirements", _install(recipe)),
            _run("Run the pipeline's tests", steps.run_tests(recipe)),
            _run("Run the pipeline on a sample of its data, where there is one", steps.run_sample(recipe)),
        ],
    }


def _reproduce(recipe: Recipe) -> dict[str, Any]:
    return {
        "name": f"{recipe.name} reproduce",
        "if": "github.event_name == 'workflow_dispatch' || github.event_name == 'schedule'",
        **_machine(minutes=360),
        "steps": [
            _checkout(history=True),
            _setup_python(recipe),
            _run("Install the locked requirements", _install(recipe)),
            _pull(recipe),
            _run(
                "Reproduce the pipeline",
                steps.reproduce(recipe),
                FORCE="${{ github.event_name == 'schedule' || inputs.force }}",
            ),
            _metrics(recipe),
            _run("Compare the notebook and the pipeline", steps.verify(recipe)),
            _upload(recipe),
        ],
    }


def _machine(minutes: int) -> dict[str, Any]:
    return {
        "runs-on": "ubuntu-latest",
        "timeout-minutes": minutes,
        "permissions": {"contents": Note("read", "to check out the code")},
    }


def _checkout(history: bool) -> dict[str, Any]:
    """The code, without leaving the job's token where a notebook could read it."""
    depth = {"fetch-depth": Note(0, "the base branch, to compare metrics with")} if history else {}
    return {"name": "Check out", "uses": CHECKOUT, "with": {"persist-credentials": False, **depth}}


def _setup_python(recipe: Recipe) -> dict[str, Any]:
    return {
        "name": f"Set up Python {recipe.python}",
        "uses": SETUP_PYTHON,
        "with": {"python-version": recipe.python},
    }


def _install(recipe: Recipe) -> tuple[str, ...]:
    """The locked environment; its programs first on the path of the steps that follow."""
    installed = (*steps.install(recipe), *steps.install_own(recipe))
    return (
        (*installed, f'echo "$PWD"/{steps.argument(recipe.prefix)}/bin >> "$GITHUB_PATH"')
        if recipe.prefix
        else installed
    )


def _pull(recipe: Recipe) -> dict[str, Any]:
    commands = steps.pull(recipe, credentials="printf '%s\\n' \"$DVC_CONFIG_LOCAL\"")
    return _run(
        "Pull the data, where a remote is configured",
        commands,
        DVC_CONFIG_LOCAL="${{ secrets.DVC_CONFIG_LOCAL }}",
    )


def _metrics(recipe: Recipe) -> dict[str, Any]:
    commands = (
        "{",
        f"  printf '### %s: metrics against %s\\n\\n' {recipe.name} \"$BASE\"",
        f"  {steps.compare_metrics(recipe)}",
        '} >> "$GITHUB_STEP_SUMMARY"',
    )
    return _run("Compare the metrics", commands, BASE="${{ github.event.repository.default_branch }}")


def _upload(recipe: Recipe) -> dict[str, Any]:
    return {
        "name": "Upload the executed notebooks",
        "if": "always()",
        "uses": UPLOAD_ARTIFACT,
        "with": {
            "name": f"{recipe.name}-runs-${{{{ github.run_attempt }}}}",
            "path": _value(_glob(f"{recipe.folder}/runs/")),
            "if-no-files-found": "warn",
            "retention-days": 14,
        },
    }


def _run(name: str, commands: Iterable[str], **environment: str) -> dict[str, Any]:
    env = {"env": environment} if environment else {}
    return {"name": name, **env, "run": _script(commands)}


def _script(commands: Iterable[str]) -> str:
    """Commands as one script in which GitHub finds no expression to expand.

    A path with `${{` in it stands in single quotes (`argument` saw to that); there, the shell reads
    `$''{{` alike.
    """
    return _lines(commands).replace("${{", "$''{{")


def _lines(commands: Iterable[str]) -> str:
    """One command as it is, several as lines that end."""
    lines = tuple(commands)
    return lines[0] if len(lines) == 1 else "".join(f"{line}\n" for line in lines)


def _value(text: str) -> str:
    """A text of the recipe as a value outside of scripts, which GitHub gives back as it was."""
    return text.replace("${{", "${{ '${{' }}")


def _pattern(path: str) -> str:
    """A file, or all that is in a folder, as a filter pattern: its special characters escaped."""
    escaped = "".join(f"\\{char}" if char in "\\*?+[]!" else char for char in path)
    return f"{escaped}**" if path.endswith("/") else escaped


def _glob(path: str) -> str:
    """A path as the pattern that matches it alone."""
    return "".join(f"[{char}]" if char in "*?[" else char for char in path)


def _weekly(name: str) -> str:
    """Early on a Monday, at a minute of the pipeline's own: several pipelines do not start at once."""
    return f"{zlib.crc32(name.encode()) % 60} 4 * * 1"
