"""NB7: what makes a notebook hard to move to production."""
