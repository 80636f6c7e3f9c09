"""Figures drawn without pyplot, so that they need no display and may be drawn in any thread."""
