"""Train, judge and explain skin-lesion classifiers."""

from importlib.metadata import version

__version__ = version("lightning-skin")
