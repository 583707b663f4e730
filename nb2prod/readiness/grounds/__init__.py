"""What criteria rest on, by where it is seen: the notebook, the conversion, git, the contract, records, the history,
files.
"""
