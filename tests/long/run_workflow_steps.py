"""Run the steps of generated workflows literally, as GitHub's and GitLab's runners would, in fresh clones.

    python tests/long/run_workflow_steps.py                     # the demo (some ten minutes)
    python tests/long/run_workflow_steps.py --notebook          # a tiny notebook that needs the stdlib only
    python tests/long/run_workflow_steps.py --notebook my.ipynb

It builds nb2prod's wheel, makes a project with a converted notebook, commits everything, and pushes to a bare
repository: `origin`. For each job: a fresh clone with the history that the runner fetches, a fresh virtual
environment in place of the interpreter that the job asks for, an empty HOME. Then the job's scripts as they stand
in the file. Last, a notebook that was edited must make `check` fail. Each step is printed with its exit code and
seconds; the exit code is 1 at the first step that is not as it should be.

What stands in for the world: the wheel's folder is offered by PIP_FIND_LINKS, since nb2prod is on no index;
`apt-get` lines are left out (what they install is here already); expressions are looked up in `EXPRESSIONS`.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[2]
#: What a run that somebody starts by hand has for the expressions of our workflows. Another one is an error.
EXPRESSIONS = {
    "secrets.DVC_CONFIG_LOCAL": "",
    "github.event_name == 'schedule' || inputs.force": "false",
    "github.event.repository.default_branch": "main",
    "github.run_attempt": "1",
}
#: What a runner's machine has of ours: how the network is reached, nothing of the user's.
KEPT = re.compile(r"PATH|LANG|LC_.*|PIP_.*|SSL_.*|REQUESTS_CA_BUNDLE|CURL_CA_BUNDLE|(?i:.*_proxy)")
LITERAL_BASH = ("bash", "--noprofile", "--norc", "-e", "-o", "pipefail")
IDENTITY = {
    f"GIT_{who}_{what}": value
    for who in ("AUTHOR", "COMMITTER")
    for what, value in (("NAME", "Test"), ("EMAIL", "test@example.org"))
}
_TINY: tuple[tuple[list[str], str], ...] = (
    (["parameters"], "n = 12\nscale = 2.5"),
    (["stage:load"], "import json\nfrom pathlib import Path\n\nprices = json.loads(Path('data/prices.json').read_text())"),
    (["stage:model"], "def mean(values):\n    return sum(values) / len(values)"),
    ([], "rows = [scale * price for price in prices][:n]\naverage = mean(rows)\nprint(len(rows), 'rows')"),
    (["metrics"], "spread = max(rows) - min(rows)"),
)  # fmt: skip


# ── The project ──────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Project:
    """A converted project: its folder, and its notebook relative to that."""

    root: Path
    notebook: Path

    @property
    def github(self) -> Path:
        """The only workflow."""
        return next((self.root / ".github" / "workflows").glob("*.yml"))

    @property
    def gitlab(self) -> Path:
        """The only file of GitLab jobs."""
        return next((self.root / ".gitlab" / "ci").glob("*.yml"))


def tiny_notebook(folder: Path) -> Path:
    """A notebook that needs nothing but Python, with its data."""
    cells = [_cell(number, tags, source) for number, (tags, source) in enumerate(_TINY)]
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    document = {"cells": cells, "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5}
    (folder / "data").mkdir(parents=True)
    (folder / "data" / "prices.json").write_text("[1, 2, 3, 5, 8, 13]\n", "utf-8")
    path = folder / "tiny.ipynb"
    path.write_text(json.dumps(document, indent=1) + "\n", "utf-8")
    return path


def _cell(number: int, tags: list[str], source: str) -> dict[str, Any]:
    metadata = {"tags": tags} if tags else {}
    code: dict[str, Any] = {"execution_count": None, "outputs": [], "source": source}
    return {"cell_type": "code", "id": f"cell-{number}", "metadata": metadata, **code}


def edit(notebook: Path) -> None:
    """Change what the notebook's last code cell computes."""
    document = json.loads(notebook.read_text("utf-8"))
    cell = next(cell for cell in reversed(document["cells"]) if cell["cell_type"] == "code")
    cell["source"] = "".join(cell["source"]) + "\nedited = 1"
    notebook.write_text(json.dumps(document, indent=1) + "\n", "utf-8")


def make_project(root: Path, notebook: Path | None, env: Mapping[str, str]) -> Project:
    """A project, converted and committed: with this notebook (and the `data` beside it), or the demo."""
    nb2prod = [sys.executable, "-m", "nb2prod"]
    if notebook is None:
        call([*nb2prod, "demo", str(root)], root.parent, env)
        found = Path("breast_cancer.ipynb")
    else:
        root.mkdir(parents=True, exist_ok=True)
        found = Path(notebook.name)
        if notebook.parent != root:
            shutil.copy(notebook, root / found)
            if (notebook.parent / "data").is_dir():
                shutil.copytree(notebook.parent / "data", root / "data")
        call([*nb2prod, "convert", str(found), "--init"], root, env)
    call(["git", "checkout", "-q", "-B", "main"], root, env)
    call(["git", "add", "-A"], root, env)
    call(["git", "commit", "-q", "-m", "a notebook and its pipeline"], root, env)
    return Project(root, found)


def build_wheel(folder: Path, env: Mapping[str, str]) -> Path:
    """nb2prod as a wheel in `folder`, and unpacked in `folder/unpacked`."""
    env = {**env, "HATCH_JUPYTER_BUILDER_SKIP_NPM": "1"}  # a job needs no panel
    call([sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "--wheel-dir", str(folder), str(ROOT)], folder, env)
    wheel = next(folder.glob("nb2prod-*.whl"))
    shutil.unpack_archive(wheel, folder / "unpacked", "zip")
    return folder / "unpacked"


def call(command: Iterable[str], folder: Path, env: Mapping[str, str]) -> None:
    """A command that must succeed."""
    done = subprocess.run([*command], cwd=folder, env=env, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"{done.args}: exit code {done.returncode}\n{done.stdout}{done.stderr}")


# ── Running ──────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Ran:
    """A step, or a line of a GitLab script, that ran."""

    name: str
    code: int
    seconds: float
    output: str = ""

    def line(self) -> str:
        """For the table."""
        return f"  {self.code:>3} {self.seconds:>7.1f} s  {self.name}"


def _literal(text: str) -> str:
    return text


@dataclass(frozen=True)
class Machine:
    """A runner: its own folder, the environment of scripts, and what is done to a script first (nothing)."""

    folder: Path
    env: Mapping[str, str]
    adapt: Callable[[str], str] = field(default=_literal)


def plain_environment(folder: Path) -> dict[str, str]:
    """The environment of a fresh machine whose folder this is: an empty HOME, and no program of this interpreter's."""
    kept = {name: value for name, value in os.environ.items() if KEPT.fullmatch(name)}
    ours = {Path(sys.prefix) / "bin", Path(sys.executable).parent}
    kept["PATH"] = os.pathsep.join(item for item in kept["PATH"].split(os.pathsep) if Path(item) not in ours)
    for name in ("home", "tmp"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    home = {"HOME": str(folder / "home"), "TMPDIR": str(folder / "tmp")}
    return {**kept, **home, **IDENTITY, "CI": "true", "GIT_CONFIG_NOSYSTEM": "1"}


def with_programs(env: Mapping[str, str], folder: Path) -> dict[str, str]:
    """The environment with this folder's programs first."""
    return {**env, "PATH": f"{folder}{os.pathsep}{env['PATH']}"}


def run_github_job(workflow: Mapping[str, Any], name: str, clone: Path, machine: Machine) -> Iterator[Ran]:
    """The steps of a job, until one fails; those that are `always()` after that."""
    job = workflow["jobs"][name]
    assert job["runs-on"] == "ubuntu-latest"
    assert workflow["defaults"] == {"run": {"shell": "bash"}}
    files = {key: machine.folder / key for key in ("GITHUB_STEP_SUMMARY", "GITHUB_OUTPUT", "GITHUB_ENV", "GITHUB_PATH")}
    for file in files.values():
        file.write_text("", "utf-8")
    runner = {"GITHUB_ACTIONS": "true", "GITHUB_WORKSPACE": str(clone), "RUNNER_TEMP": str(machine.folder / "tmp")}
    env: dict[str, str] = {
        **machine.env,
        **runner,
        **{key: str(file) for key, file in files.items()},
        **_expanded(workflow["env"]),
    }
    failed = False
    for step in job["steps"]:
        if failed and step.get("if") != "always()":
            continue
        if "uses" in step:
            ran = Ran(*_used(step, clone))
        else:
            script = machine.folder / "script.sh"
            script.write_text(machine.adapt(step["run"]), "utf-8")
            found = [line for line in files["GITHUB_PATH"].read_text("utf-8").splitlines() if line]
            path = os.pathsep.join([*reversed(found), str(env["PATH"])])
            own: dict[str, str] = {
                **env,
                "PATH": path,
                **_expanded(job.get("env", {})),
                **_expanded(step.get("env", {})),
            }
            where = clone / step.get("working-directory", ".")
            ran = _timed(step["name"], [*LITERAL_BASH, str(script)], where, own)
        failed = failed or ran.code != 0
        yield ran


def _used(step: Mapping[str, Any], clone: Path) -> tuple[str, int, float, str]:
    """What stands in for an action: its exit code says whether all is there that it would take."""
    action, given = step["uses"].partition("@")[0], step.get("with", {})
    if action == "actions/checkout":
        there = (clone / ".git").exists()
    elif action == "actions/setup-python":
        there = given["python-version"] == ".".join(map(str, sys.version_info[:2]))
    elif action == "actions/upload-artifact":
        there = any((clone / _expression(given["path"])).iterdir())
        _expression(given["name"])
    else:
        raise ValueError(f"nothing stands in for {action}")
    return f"({action}) {step['name']}", 0 if there else 1, 0.0, "" if there else f"missing: {given}"


def _expanded(values: Mapping[str, Any]) -> dict[str, str]:
    return {name: _expression(str(value)) for name, value in values.items()}


def _expression(text: str) -> str:
    return re.sub(r"\$\{\{ (.*?) \}\}", lambda found: EXPRESSIONS[found[1]], text)


def run_gitlab_job(job: Mapping[str, Any], clone: Path, machine: Machine) -> Iterator[Ran]:
    """The lines of `before_script` and `script` in one shell, as a runner has them, until one fails."""
    lines = [*job.get("before_script", ()), *job["script"]]
    times, script = machine.folder / "times", machine.folder / "script.sh"
    times.write_text("", "utf-8")
    wanted = [line for line in lines if not line.startswith("apt-get ")]
    stamped = [f"date +%s.%N >> '{times}'\n{machine.adapt(line)}\n" for line in wanted]
    script.write_text("".join([*stamped, f"date +%s.%N >> '{times}'\n"]), "utf-8")
    variables = {"GITLAB_CI": "true", "CI_PIPELINE_SOURCE": "web", "CI_DEFAULT_BRANCH": "main"}
    env = {**machine.env, **variables, "CI_PROJECT_DIR": str(clone), **job.get("variables", {})}
    done = _timed("", ["sh", "-e", str(script)], clone, env)
    stamps = [float(line) for line in times.read_text("utf-8").split()]
    for line in lines:
        if line not in wanted:
            yield Ran(f"(left out) {line}", 0, 0.0)
    # A line that ended has the next one's stamp after its own.
    for line, start, end in zip(wanted, stamps, stamps[1:], strict=False):
        yield Ran(_title(line), 0, end - start)
    if done.code or len(stamps) != len(wanted) + 1:
        title = _title(wanted[len(stamps) - 1]) if 0 < len(stamps) <= len(wanted) else "the whole script"
        ended = stamps[-1] - stamps[0] if stamps else 0.0
        yield Ran(title, done.code or 1, done.seconds - ended, done.output)
    for path in job.get("artifacts", {}).get("paths", ()):
        there = (clone / path).is_dir() and any((clone / path).iterdir())
        yield Ran(f"(artifacts) {path}", 0 if there else 1, 0.0)


def _title(script: str) -> str:
    """The longest line: it says most."""
    return max((line.strip() for line in script.splitlines()), key=len)


def _timed(name: str, command: list[str], folder: Path, env: Mapping[str, str]) -> Ran:
    start = time.monotonic()
    done = subprocess.run(
        command, cwd=folder, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
    )
    return Ran(name, done.returncode, time.monotonic() - start, done.stdout)


# ── The whole ────────────────────────────────────────────────────────────────────────────────────────────


class World:
    """The origin, and a new machine with a new clone for each job."""

    def __init__(self, scratch: Path, project: Project, wheels: Path) -> None:
        self.scratch, self.project, self.wheels = scratch, project, wheels
        self.origin = scratch / "origin.git"
        env = plain_environment(scratch / "pushing")
        call(["git", "clone", "-q", "--bare", str(project.root), str(self.origin)], scratch, env)

    def job(self, title: str, *, depth: int, edited: bool = False) -> tuple[Path, Machine]:
        """A clone and a machine; `depth` 0 is all of the history."""
        folder = self.scratch / re.sub(r"\W+", "-", title)
        env = plain_environment(folder)
        # A runner's cache of downloads, and what an index would have.
        env["PIP_CACHE_DIR"] = str(self.scratch / "pip-cache")
        env["PIP_FIND_LINKS"] = f"{env.get('PIP_FIND_LINKS', '')} {self.wheels}".strip()
        call([sys.executable, "-m", "venv", str(folder / "python")], folder, env)
        history = ["--depth", str(depth), "--no-tags"] if depth else []
        call(["git", "clone", "-q", *history, self.origin.as_uri(), str(folder / "clone")], folder, env)
        if edited:
            edit(folder / "clone" / self.project.notebook)
        return folder / "clone", Machine(folder, with_programs(env, folder / "python" / "bin"))

    def github(self, name: str, *, edited: bool = False) -> Iterator[Ran]:
        """A job of the workflow."""
        workflow = yaml.safe_load(self.project.github.read_text("utf-8"))
        checkout = workflow["jobs"][name]["steps"][0]["with"]
        title = f"github {name}{' edited' if edited else ''}"
        clone, machine = self.job(title, depth=checkout.get("fetch-depth", 1), edited=edited)
        yield from run_github_job(workflow, name, clone, machine)
        summary = (machine.folder / "GITHUB_STEP_SUMMARY").read_text("utf-8")
        print("".join(f"      | {line}\n" for line in summary.splitlines()), end="")

    def gitlab(self, name: str, *, edited: bool = False) -> Iterator[Ran]:
        """A job of the GitLab file. A runner checks a commit out, not a branch, and has 20 commits of it."""
        jobs = yaml.safe_load(self.project.gitlab.read_text("utf-8"))
        job = next(job for title, job in jobs.items() if title.endswith(f":{name}"))
        depth = int(job["variables"].get("GIT_DEPTH", "20"))
        clone, machine = self.job(f"gitlab {name}{' edited' if edited else ''}", depth=depth, edited=edited)
        call(["git", "checkout", "-q", "--detach"], clone, machine.env)
        yield from run_gitlab_job(job, clone, machine)


def show(title: str, rans: Iterable[Ran]) -> Ran | None:
    """Print the table; the first step that failed."""
    print(title, flush=True)
    failed = None
    for ran in rans:
        print(ran.line(), flush=True)
        failed = failed or (ran if ran.code else None)
    return failed


def run_all(world: World, engines: Iterable[str], jobs: Iterable[str]) -> bool:
    """All jobs, and `check` after an edit; whether each was as it should be."""
    for engine in engines:
        run = {"github": world.github, "gitlab": world.gitlab}[engine]
        for name in jobs:
            failed = show(f"{engine} {name}", run(name))
            if failed:
                print("\n".join(failed.output.splitlines()[-60:]))
                return False
        failed = show(f"{engine} check, the notebook edited: must fail", run("check", edited=True))
        if failed is None or "is stale" not in failed.output:
            print("an edited notebook is not told", failed.output if failed else "")
            return False
        print("".join(f"      | {line}\n" for line in failed.output.splitlines()[-2:]), end="")
    return True


def main() -> int:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    tiny = Path("tiny")
    parser.add_argument("--notebook", type=Path, nargs="?", const=tiny, help="convert this one; without value: tiny")
    parser.add_argument("--engine", choices=("github", "gitlab"), action="append", help="only this one")
    parser.add_argument("--job", choices=("check", "reproduce"), action="append", help="only this one")
    parser.add_argument("--keep", type=Path, help="work in this folder, which must not exist, and leave it there")
    given = parser.parse_args()
    scratch = given.keep.resolve() if given.keep else Path(tempfile.mkdtemp(prefix="workflow-steps-"))
    scratch.mkdir(parents=True, exist_ok=not given.keep)
    try:
        start = time.monotonic()
        wheels = scratch / "wheels"
        wheels.mkdir()
        env = plain_environment(scratch / "converting")
        # The nb2prod that converts is the one that the steps install.
        env = {**with_programs(env, Path(sys.executable).parent), "PYTHONPATH": str(build_wheel(wheels, env))}
        notebook = tiny_notebook(scratch / "tiny") if given.notebook == tiny else given.notebook
        project = make_project(scratch / "project", notebook and notebook.resolve(), env)
        print(f"converted {project.notebook} in {time.monotonic() - start:.1f} s", flush=True)
        world = World(scratch, project, wheels)
        good = run_all(world, given.engine or ("github", "gitlab"), given.job or ("check", "reproduce"))
    finally:
        if not given.keep:
            shutil.rmtree(scratch, ignore_errors=True)
    print("passed" if good else "FAILED")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
