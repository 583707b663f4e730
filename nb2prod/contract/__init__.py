"""The contract of a pipeline, `production.yaml`, and the evidence that it is kept: records that several layers share.

1. `model` has the records. What nobody has said yet is None: an open question.
2. `reading` makes them from plain data, and says which key is wrong and which one was meant.
3. `proposal` fills in what a pipeline's facts tell; `questions` words what only people know.
4. `evidence` is what was seen to hold, of which code, data, model, parameters and contract, and when.

The file itself is read, written and edited, its comments kept, by `adapters.contract_file`.
"""
