"""NB3: what another machine does not have."""
