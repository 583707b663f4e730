"""All files of a pipeline, but for `conversion.json`, which describes them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from nb2prod.notebook.model import Notebook
from nb2prod.pipeline.model import Pipeline
from nb2prod.writers import conda, dockerfile, github, gitlab, package, readme, requirements
from nb2prod.writers.dvc_yaml import dvc_yaml
from nb2prod.writers.generated import GeneratedFile
from nb2prod.writers.params import params_yaml
from nb2prod.writers.recipe import Recipe
from nb2prod.writers.requirements import Environment
from nb2prod.writers.sources import sources_text
from nb2prod.writers.stage_notebook import stage_notebook


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the files say besides the pipeline: versions, the interpreter, the project's lock, `_stage.py`'s text."""

    stage_module: str
    nb2prod: str
    papermill: str
    dvc: str
    environment: Environment
    root_files: Collection[str]
    formats: Collection[str] = ()

    @property
    def roots(self) -> tuple[str, ...]:
        """Distributions whose closure is locked: what the notebook imported, the kernel, what reads its artifacts."""
        extra = {"pyarrow"} if {"parquet", "column"} & set(self.formats) else set()
        return tuple(sorted({*self.environment.imported, "ipykernel", *extra}))


def stage_files(pipeline: Pipeline, notebook: Notebook, stage_module: str) -> tuple[GeneratedFile, ...]:
    """The files that stages run from: notebooks and the package."""
    folder, code = pipeline.layout.folder, f"{pipeline.layout.folder}/{pipeline.package}"
    notebooks = [
        GeneratedFile(f"{folder}/{stage.notebook}", stage_notebook(pipeline, stage, notebook))
        for stage in pipeline.stages
    ]
    modules = [GeneratedFile(f"{code}/{module.path_in_package}", module.source) for module in pipeline.modules]
    if pipeline.predict and pipeline.predict.function:
        modules.append(GeneratedFile(f"{code}/{pipeline.predict.module}.py", pipeline.predict.source))
    return (
        *notebooks,
        GeneratedFile(f"{code}/__init__.py", package.init_text(pipeline)),
        GeneratedFile(f"{code}/_stage.py", stage_module),
        *modules,
    )


def project_files(
    pipeline: Pipeline, notebook: Notebook, around: Surroundings, verdict: str
) -> tuple[GeneratedFile, ...]:
    """Everything that is written into the project, in a fixed order."""
    folder = pipeline.layout.folder
    recipe = recipe_of(pipeline, around)
    lock = requirements.existing_lock(around.root_files)
    own = own_projects(pipeline, around)
    needed = [one.name for one in around.environment.distributions if one.place in own]
    roots = sorted({*around.roots, *needed})
    locked = (
        []
        if lock
        else [GeneratedFile(f"{folder}/requirements.txt", requirements.requirements_text(around.environment, roots))]
    )
    return (
        GeneratedFile(f"{folder}/dvc.yaml", dvc_yaml(pipeline)),
        GeneratedFile(f"{folder}/params.yaml", params_yaml(pipeline), shared=True),
        *stage_files(pipeline, notebook, around.stage_module),
        *(
            GeneratedFile(f"{folder}/{stage.sources_path}", sources_text(stage.sources), renewed=True)
            for stage in pipeline.stages
            if stage.sources
        ),
        GeneratedFile(f"{folder}/tests/conftest.py", package.conftest_text(), offered=True),
        GeneratedFile(f"{folder}/tests/test_{pipeline.package}.py", package.test_text(pipeline), offered=True),
        *locked,
        *_conda_files(folder, around),
        GeneratedFile(f"{folder}/README.md", readme.readme(pipeline, recipe, verdict)),
        GeneratedFile(f"{folder}/runs/.gitignore", "# Executed notebooks and logs: by-products.\n*.ipynb\n*.log\n"),
        GeneratedFile(f"{folder}/runs/.gitkeep", ""),
        GeneratedFile(f"{folder}/.gitignore", "__pycache__/\n"),
        GeneratedFile(
            f"{folder}/.gitattributes",
            "# The same bytes, and so the same hashes, on every system.\n* text=auto eol=lf\n",
        ),
        GeneratedFile(dockerfile.path(recipe), dockerfile.dockerfile(recipe), offered=True),
        GeneratedFile(dockerfile.ignore_path(recipe), dockerfile.dockerignore(recipe), offered=True),
        GeneratedFile(github.path(recipe), github.workflow(recipe), offered=True),
        GeneratedFile(gitlab.path(recipe), gitlab.pipeline(recipe), offered=True),
    )


def _is_conda(around: Surroundings) -> bool:
    """Whether the notebook's environment is conda's, and the project has no lock of its own."""
    return bool(around.environment.conda) and requirements.existing_lock(around.root_files) is None


def _conda_files(folder: str, around: Surroundings) -> tuple[GeneratedFile, ...]:
    if not _is_conda(around):
        return ()
    return (GeneratedFile(_conda_path(folder), conda.environment_text(around.environment)),)


def _conda_path(folder: str) -> str:
    return f"{folder}/environment.yml"


def own_projects(pipeline: Pipeline, around: Surroundings) -> tuple[str, ...]:
    """The repository's packages that the notebook's interpreter has as editable ones, as far as it needs them."""
    modules = {file.root_path for stage in pipeline.stages for file in stage.reads if file.root_path.endswith(".py")}
    return requirements.own_projects(around.environment, around.roots, sorted(modules))


def recipe_of(pipeline: Pipeline, around: Surroundings) -> Recipe:
    """What CI and containers must know."""
    lock = requirements.existing_lock(around.root_files)
    if _is_conda(around):
        lock = requirements.conda_lock(_conda_path(pipeline.layout.folder))
    written = {file.root_path for stage in pipeline.stages for file in stage.writes}
    reads = {file.root_path for stage in pipeline.stages for file in stage.reads} - written
    return Recipe(
        name=pipeline.name,
        folder=pipeline.layout.folder,
        notebook=pipeline.layout.notebook,
        python=".".join(around.environment.python.split(".")[:2]),
        install=requirements.install_commands(pipeline.layout.folder, lock, around.papermill, around.dvc),
        kernel=None if pipeline.kernel == "python3" else pipeline.kernel,
        nb2prod=around.nb2prod,
        inputs=tuple(sorted(path for path in reads if not path.startswith("/"))),
        locked=lock.files if lock else (),
        prefix=lock.prefix if lock else "",
        network=any(not one.is_file for stage in pipeline.stages for one in stage.sources),
        own=own_projects(pipeline, around),
    )
