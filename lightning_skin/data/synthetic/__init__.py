"""Dermoscopy-like images of seven lesion classes, drawn from a seed, for first runs and tests."""
