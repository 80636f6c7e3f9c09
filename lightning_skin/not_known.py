"""How tables say that they do not know."""

NOT_KNOWN = frozenset(
    {"na", "n/a", "n.a.", "#n/a", "<na>", "nan", "none", "null", "unknown", "unk", "missing", "?", "-", "--"}
)
"""In lower case. Taken for a value, one of them would join strangers."""
