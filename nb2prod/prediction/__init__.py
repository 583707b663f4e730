"""What a prediction is, and where it is kept. Touches no disk: `adapters.prediction_log` does.

1. A run of `predict` is a *batch*. Its name begins with its time, so that an id `BATCH.ROW` tells in which file the
   prediction stands (`identity`, `places`).
2. The worker (`templates/nb2prod_worker`) writes output, quarantine and segment under temporary names.
3. One rename, of the batch's plan into the journal, decides: before it the batch never was, after it the batch is.
   Whoever comes next carries the plan out, or clears away what a killed batch left (`journal`).
4. `records` has what a batch and a prediction are told as; `retention` which days are over.
5. `probes` and `skew` say what is tried on the prediction path, and judge the answers.
"""
