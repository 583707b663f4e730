"""Rows that a model is judged on and that it has seen."""
