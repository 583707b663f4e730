"""NB1: the order in which cells were, and will be, run."""
