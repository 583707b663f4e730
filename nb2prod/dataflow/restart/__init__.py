"""Which names are missing when a notebook runs from the top in a fresh kernel.

1. `reader` turns a cell into `events`: reads, bindings, calls, ways of which one runs. That depends on the cell alone,
   so it is kept while the cell stays the same. It is put together from `names` (scopes), `values` (what an expression
   may call), `definitions` and `flow`.
2. `replay` goes through the cells' events with the set of names that may be bound by then. A name is missing only
   if no path can have bound it: an `if` may bind, a `del` on every path unbinds.
3. A function's body is replayed where the function is called — by name, through a method, a decorator, an immediate
   callback — with the names that are bound at that moment; a function that is never called never fails.
4. What cannot be followed (`exec` of a computed text, `%run`, a star import) may bind anything: silence from there on.
5. Conditions fold as far as constants, `"x" in globals()` and version tests go. What a `try` catches is no failure.
"""
