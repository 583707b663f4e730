"""NB6: what prediction does otherwise than training."""
