"""From a cut notebook to the pipeline: what each stage needs, makes, and how it travels.

1. `observation` holds what one run of the notebook showed: fingerprints, shared objects, files, random state.
2. `crossings` finds the names that cross each boundary, statically ∪ observed, from the last stage to the first:
   a name comes from code that may be run again (imports, definitions, constants, `setup` cells), from the
   parameters, or as an artifact of the stage that last wrote it. Variables that share objects travel together.
3. `files` does the same for files; `lifting` finds definitions that may live in the pipeline's own package.
4. `build` puts it together as a `Pipeline`; what cannot be split faithfully is merged, with the reason.
5. `compare` says whether two runs of a stage gave the same.
"""
