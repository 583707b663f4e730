"""Diagnostics → text, JSON, SARIF, GitHub annotations: pure functions from records to strings."""
