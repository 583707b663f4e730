"""The panel where there is no node: a new environment of JupyterLab, Notebook and the wheel, played in Chromium.

Warnings, a fix and its undo, the proposal, conversion, a run with another parameter, the verdict.

`fresh_lab.py [WHEEL [JUPYTERLAB [NOTEBOOK]]]`, after `make lab-test`, which builds the wheel and installs the browser's
driver (that runs on node; the server does not see it).
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import venv
from collections.abc import Mapping
from pathlib import Path

from places import scratch

ROOT = Path(__file__).parents[2]
STORIES = ROOT / "labextension" / "ui-tests"


def main(wheel: str = "", lab: str = "4.4.*", notebook: str = "7.4.*") -> int:
    """0 where everything was as it should be."""
    found = Path(wheel) if wheel else next((ROOT / "build" / "lab").glob("*.whl"))
    with scratch() as folder:
        path = _path(folder)
        assert shutil.which("node", path=path) is None, "this must be a machine without node"
        environment = _quiet() | {"PATH": path, "HOME": str(folder)}
        python = folder / "venv" / "bin" / "python"
        venv.create(folder / "venv", with_pip=True)
        pip = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        what = [f"nb2prod[examples,lab] @ {found.resolve().as_uri()}", f"jupyterlab=={lab}", f"notebook=={notebook}"]
        subprocess.run([*pip, *what], cwd=folder, env=environment, check=True)
        wrong = [*_lists(python, folder, environment), *_stories(python, path, folder / "project")]
    print("\n".join(wrong) or f"JupyterLab {lab}, Notebook {notebook}, no node: the panel is there and works")
    return bool(wrong)


def _path(folder: Path) -> str:
    """A search path with git, and nothing else of this machine."""
    tools = folder / "bin"
    tools.mkdir()
    (tools / "git").symlink_to(shutil.which("git") or "/usr/bin/git")
    return os.pathsep.join([str(folder / "venv" / "bin"), str(tools)])


def _quiet() -> dict[str, str]:
    return {
        name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "VIRTUAL_ENV", "JUPYTER"))
    }


def _lists(python: Path, folder: Path, environment: Mapping[str, str]) -> list[str]:
    """What the two lists do not say."""
    wrong = []
    for words, wanted in (("labextension list", "nb2prod v"), ("server extension list", "nb2prod.server")):
        command = [python, "-m", "jupyter", *words.split()]
        done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=True)
        lines = [line for line in (done.stdout + done.stderr).splitlines() if wanted in line]
        print(*lines, sep="\n")
        if not any("OK" in line for line in lines):
            wrong.append(f"`jupyter {words}` does not say that nb2prod is OK")
    return wrong


def _stories(python: Path, path: str, project: Path) -> list[str]:
    """Plays from an untagged notebook to the verdict, in JupyterLab and in Notebook; names what did not go well."""
    stories = {
        "JupyterLab": ["notebook.spec.js", "story.spec.js", "-g", "Notebook 7|warnings:|pipeline:|hidden"],
        "Notebook": ["--config", "long.config.js", "notebook_pipeline.spec.js"],
    }
    more = {"NB2PROD_PYTHON": str(python), "NB2PROD_SERVER_PATH": path, "NB2PROD_STORY": str(project)}
    command = [STORIES / "node_modules" / ".bin" / "playwright", "test"]
    done = {
        name: subprocess.run([*command, *words], cwd=STORIES, env=os.environ | more, check=False)
        for name, words in stories.items()
    }
    return [f"the stories in {name} did not go well" for name, one in done.items() if one.returncode]


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
