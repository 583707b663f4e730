"""NB4: what must not leave the machine, and what must not come in."""
