"""What code defines, uses, mutates and deletes, found without running it.

1. `collect` walks a statement's tree in evaluation order and yields `Facts`: which names it must have, binds
   for certain or perhaps, changes in place, deletes; which files it touches; which ambient state.
2. A call takes its effects from the tables in `knowledge/`; a method that no table knows may change its
   receiver, a function that none knows may change its arguments.
3. Functions, lambdas and classes carry the globals that they read and write (`Callable`), and a mention of their
   name counts as all of that, transitively.
4. `facts.then` composes statements into cells and cells into stages: what is certainly bound before it is used
   needs nobody else; may-define neither ends the old value nor removes the need for it.
5. `order` finds, for a cut into stages, who last wrote what a stage needs.

Ambient state is a symbol like any other: `$rng:numpy`, `$options:pandas`, `$cwd`, ….
"""
