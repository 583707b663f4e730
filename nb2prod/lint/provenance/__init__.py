"""Where a notebook's data comes from and what was done to it, followed without running anything.

1. `machine.tell` goes through the cells in document order and gives each name a value (`values`): data, an
   estimator, a function, a list. Aliases share the value, as they do in the kernel; a call of the notebook's own
   function is followed into its body with the values that it is given.
2. Data belongs to rows (`rows`): all that a file gave, a part of other rows, a union. Two parts of a split share
   nothing; a part lies in its whole.
3. Whatever is estimated from rows is a `Fit`: of a scaler, of a mean. Values that it went into carry it as a taint,
   by column where the columns are known.
4. Splits, fits, predictions, scores, resampling, draws of random numbers are kept as events (`events.Story`).
5. The rules ask the story: was a model fitted on rows that an estimate over the test rows went into?

Which library call does what stands in `lint/knowledge/leakage.toml` and `randomness.toml`.
"""
