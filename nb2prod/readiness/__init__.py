"""Readiness: which questions of a review a pipeline can answer with evidence. Pure; `operations.ready` looks.

1. `known` is all that was seen of a notebook or a pipeline: findings, verdict, contract, evidence, git, history,
   files.
2. A *ground* (`grounds/`) is one thing that holds, does not hold, or is not known; it says where that was seen and
   when. Evidence about other code, data, model, parameters or contract than today's is stale: it is not known any
   more.
3. A *criterion* (`criteria/`, one file each) is a question, and the grounds that its answer rests on. It is met where
   all of them hold, not met where one does not, else unknown.
4. `judging` asks the criteria of a level and counts. `report/` shows the result; `page` writes `docs/readiness.md`.
5. `mappings.toml` says which criteria answer what the field asks: launch questions, building blocks, the ML Test
   Score.
"""
