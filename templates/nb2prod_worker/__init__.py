"""Predicts a file. Runs in the interpreter of the notebook's kernel: pandas, NumPy, pyarrow, nothing of nb2prod's."""
