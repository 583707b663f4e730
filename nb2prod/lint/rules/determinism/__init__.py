"""NB2: what gives something else when the same cells run again."""
