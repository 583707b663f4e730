"""nb2prod: a tagged notebook becomes a verified papermill/DVC pipeline."""

__version__ = "0.1.0"
