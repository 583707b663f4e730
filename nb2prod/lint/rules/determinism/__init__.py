"""NB2: what gives another result each time."""
