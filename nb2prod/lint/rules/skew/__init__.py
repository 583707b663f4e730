"""NB6: what production would do to its rows, and training did not."""
