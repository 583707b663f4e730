"""NB5: what a model must not have seen."""
