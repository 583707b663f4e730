"""What data must look like: inferred from training's data, edited by hand, checked in training and prediction.

1. `model` has the records, `reading` makes them from plain data and says which key is wrong.
2. `infer` turns what a column was seen to hold into rules.
3. `merge` brings a new inference together with the file: what a person edited stays.
4. The check itself runs where the data are read, in the kernel's interpreter (`templates/nb2prod_worker/checking.py`).
"""
