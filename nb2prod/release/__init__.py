"""Versions of a model, where they are deployed, and what a version must meet: values in, values out.

1. `names`: versions and deployments are annotated git tags, named as GTO names them.
2. `binding` and `events`: what a tag's message holds, as records and back.
3. `ledger`: the tags of one pipeline → its versions, who is champion where since when, and the whole history.
4. `gate`: what was measured on the hold-out → conditions, each met or failed by how much. `metrics`, `comparison`,
   `slices`, `cases` and `overlap` are its parts.
5. `plans`: which version a deployment or a rollback puts in place, or why none.
6. `trace`, `card`, `runbook`: what is told of a version.

The tags are written by `adapters.tags`; the stories are `operations.release`, `deploy` and `rollback`.
"""
