"""A notebook as plain records, and how its cells are read.

1. An adapter reads the file and hands over a `Notebook` of `Cell`s; nothing here touches the disk.
2. `tags` gives each cell its role: `parameters`, `stage:NAME`, `setup`, `skip`, `metrics`, ….
3. `stages` cuts the cells into stages by these roles, and refuses what has no single meaning.
4. `parse` turns a cell's text into Python as IPython does and keeps the magics beside the tree.
"""
