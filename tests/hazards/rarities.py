"""Titles of notebooks that stand beside the suite: machinery of Python and IPython that a notebook of data science hardly
holds, several forms of one hazard, and notebooks that are refused by definition. They are converted with all others;
only the shares on the page leave them out, so that these say what a user may expect.
"""

RARITIES = frozenset(
    {
        # One object seen from two sides, in Python's own machinery.
        "a view that is asked for its base",
        "a NaN that is one object",
        "NumPy's NaN looked for in a list",
        "a memoryview of a bytearray",
        "a default value shared with a global",
        # Functions and classes that remember, beside the counting closure, the cache and the mutable default.
        "a nonlocal count",
        "a decorator that registers",
        "a cache whose state is shown",
        "a cache over a global that changes",
        "default arguments changed from outside",
        "singledispatch registered in another stage",
        "a function's attribute",
        "a function kept in a list and redefined",
        "a class attribute computed from a global",
        "a method put onto a class later",
        "subclasses that register themselves",
        "a metaclass that keeps a list of classes",
        "a virtual subclass",
        # The process as a whole.
        "the project's folder inside a list",
        "a module is put into sys.modules",
        "print goes elsewhere",
        "a context variable",
        # Objects that live in one process, beside the kinds that the suite names.
        "a weak dictionary",
        "a match of a regular expression",
        "a class that refuses to be pickled",
        "a class made by a function",
        "a read-only view of a mapping",
        "the current figure",
        "an open file, read in two stages",
        "zip and enumerate halfway",
        "a cycle of colours",
        "a reader of csv lines",
        "a coroutine that is awaited later",
        "a subprocess that is still running",
        "a queue and an event",
        # IPython's corners.
        "a display that is updated later",
        "a magic of one's own",
        "a macro",
        "an alias for a command",
        "names that look like IPython's own",
        "a cell run by the shell object",
        "the text of earlier cells",
        "everything is forgotten",
        # Code that is made or found while it runs.
        "a function made by exec",
        "the notebook as a module",
        "code timed with an import of the notebook",
        "objects found by the garbage collector",
        "a pickled instance read back by hand",
        "compiled code",
        # Files in forms beside the ones that the suite names.
        "a folder that is only asked for",
        "a log file that stays open",
        "an array file read with mmap_mode",
        "a shelf",
        # No notebook that could be converted, or one that varies by itself, beside those that the suite names.
        "a cell that fails",
        "a cell that is no Python",
        "a kernel that is shut down",
        "a stage name that is no name",
        "a skipped cell that drew a random number",
        "a skipped cell that wrote a file",
        "a skipped cell that set an option",
        "a skipped import that is used",
        "identities that are printed",
        "the process's own number",
        "a hash that changes with the process",
        "a temporary folder that removes itself",
    }
)
