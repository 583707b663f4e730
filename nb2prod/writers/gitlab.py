"""GitLab CI jobs for one pipeline, in a file that the project's own `.gitlab-ci.yml` includes:

    include:
      - local: .gitlab/ci/*.yml

The file holds two jobs with names of the pipeline's own and nothing global (no `stages`, `default` or
`workflow`), so that several of them, and a team's own jobs, stand side by side. The jobs belong to the
stage `test`, which every project has that does not name its own stages.

- `NAME:check` runs on merge requests and on a push that touches the pipeline: no data, no secret.
- `NAME:reproduce` is started by hand, in a merge request or from *Run pipeline*, or runs on a schedule whose
  variable `NB2PROD_SCHEDULE` is `true`.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from nb2prod.writers import recipe as steps
from nb2prod.writers import yaml_text
from nb2prod.writers.recipe import Recipe
from nb2prod.writers.yaml_text import Note

FOLDER = ".gitlab/ci"
# GitLab refuses a rule with more patterns than this.
_MOST_PATTERNS = 50

_HEADER = """\
{name}: written by nb2prod {nb2prod}. Included by the project's .gitlab-ci.yml:

    include:
      - local: {folder}/*.yml

check      on a push or a merge request: needs no data and no secret.
reproduce  when somebody starts it, and on a schedule whose variable NB2PROD_SCHEDULE is "true". Where the DVC
           remote asks for credentials, add a variable DVC_CONFIG_LOCAL of type File, protected: the text of a
           .dvc/config.local, such as
               ['remote "storage"']
                   access_key_id = ...
                   secret_access_key = ...
           NB2PROD_FORCE: "true" runs every stage, changed or not.
"""


def path(recipe: Recipe) -> str:
    """Where the file belongs, relative to the repository's root."""
    return f"{FOLDER}/{recipe.name}.yml"


def pipeline(recipe: Recipe) -> str:
    """The text of the file to include."""
    header = _HEADER.format(name=recipe.name, nb2prod=recipe.nb2prod, folder=FOLDER)
    jobs = {f"{recipe.name}:check": _check(recipe), f"{recipe.name}:reproduce": _reproduce(recipe)}
    return yaml_text.dump(jobs, header=header)


def _check(recipe: Recipe) -> dict[str, Any]:
    return {
        "image": steps.image(recipe),
        "interruptible": True,
        "timeout": "20 minutes",
        "variables": _variables(),
        "rules": [
            {"if": '$CI_PIPELINE_SOURCE == "merge_request_event"'},
            # With a merge request open, its pipeline is the one that counts.
            {"if": '$CI_PIPELINE_SOURCE == "push" && $CI_OPEN_MERGE_REQUESTS == null', **_changes(recipe)},
        ],
        "before_script": [*_system()],
        "script": [
            _block(steps.compare_with_notebook(recipe)),
            *_install(recipe),
            *steps.run_tests(recipe),
            _block(steps.run_sample(recipe)),
        ],
    }


def _reproduce(recipe: Recipe) -> dict[str, Any]:
    by_hand = {"when": "manual", "allow_failure": True}
    return {
        "image": steps.image(recipe),
        "interruptible": False,
        "timeout": "6 hours",
        "resource_group": f"{recipe.name}-reproduce",
        "variables": {**_variables(), "GIT_DEPTH": Note("0", "the base branch, to compare metrics with")},
        "rules": [
            {"if": '$CI_PIPELINE_SOURCE == "schedule" && $NB2PROD_SCHEDULE == "true"'},
            {"if": '$CI_PIPELINE_SOURCE == "web"', **by_hand},
            {"if": '$CI_PIPELINE_SOURCE == "merge_request_event"', **by_hand},
        ],
        "before_script": [*_system(), *_install(recipe)],
        "script": [
            _block(steps.pull(recipe, credentials='cat "$DVC_CONFIG_LOCAL"')),
            'FORCE="${NB2PROD_FORCE:-}"; if [ "$CI_PIPELINE_SOURCE" = schedule ]; then FORCE=true; fi',
            _block(steps.reproduce(recipe)),
            _block(_metrics(recipe)),
            *steps.verify(recipe),
        ],
        "artifacts": {
            "name": f"{recipe.name}-runs",
            "when": "always",
            "access": Note("developer", "the outputs may show data"),
            "expire_in": "2 weeks",
            "paths": [_glob(f"{recipe.folder}/runs/")],
        },
    }


def _variables() -> dict[str, Any]:
    return {"DVC_NO_ANALYTICS": "1", "PIP_DISABLE_PIP_VERSION_CHECK": "1", "PIP_ROOT_USER_ACTION": "ignore"}


def _changes(recipe: Recipe) -> dict[str, Any]:
    """The paths whose change asks for a check; every push, where they are more than GitLab takes."""
    patterns = [*(_pattern(item) for item in steps.watched(recipe)), path(recipe)]
    return {"changes": patterns} if len(patterns) <= _MOST_PATTERNS else {}


def _system() -> tuple[str, ...]:
    """What a slim image lacks: git, which requirements from a repository and the metrics' comparison call."""
    return ("apt-get update", "apt-get install --yes --no-install-recommends git")


def _install(recipe: Recipe) -> tuple[str, ...]:
    """The locked environment; its programs first on the path of the commands that follow."""
    installed = (*steps.install(recipe), *steps.install_own(recipe))
    return (
        (*installed, f'export PATH="$PWD"/{steps.argument(recipe.prefix)}/bin:"$PATH"') if recipe.prefix else installed
    )


def _metrics(recipe: Recipe) -> tuple[str, ...]:
    """The comparison, kept with the runs. A runner fetches its own branch only: the base comes here."""
    table = steps.argument(f"{recipe.folder}/runs/metrics.md")
    return (
        'BASE="${CI_MERGE_REQUEST_TARGET_BRANCH_NAME:-$CI_DEFAULT_BRANCH}"',
        'git fetch origin "+refs/heads/$BASE:refs/remotes/origin/$BASE"',
        f"{steps.compare_metrics(recipe)} > {table}",
        f"cat {table}",
    )


def _block(commands: Iterable[str]) -> str:
    """Commands that share variables, as one item that stops at the first that fails."""
    return "".join(f"{command}\n" for command in ("set -e", *commands))


def _pattern(path: str) -> str:
    """A file, or all that is in a folder, as a pattern of `changes`: its special characters escaped."""
    escaped = "".join(f"\\{char}" if char in "\\*?[]{}" else char for char in path)
    return f"{escaped}**/*" if path.endswith("/") else escaped


def _glob(path: str) -> str:
    """A path as the pattern that matches it alone."""
    return "".join(f"[{char}]" if char in "*?[" else char for char in path)
