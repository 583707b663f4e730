"""What only a run can tell: evidence of runs → diagnostics that are confirmed, refuted, or new. Pure.

1. `evidence` are the records: per cell what it gave, how it ended, what the observer saw.
2. `failures` reads an error: a name that is missing, a file, a package, an API that is gone, the network.
3. `stale` compares the saved outputs with the run's; `varying` compares two runs that began at other random states, at
   another time and with another order of sets; `repeating` looks at cells that ran twice in a row; `leftovers` at files
   that are read before the notebook writes them.
4. Each of them tells the first cell of a chain: what only follows from it is not told again.
5. `judge` lays these facts beside the static diagnostics.
"""
