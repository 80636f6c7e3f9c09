"""Classifiers compared on the same images: paired differences, tests, agreement, and pages about them."""
