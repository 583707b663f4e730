"""How readiness is shown: one file per form."""
