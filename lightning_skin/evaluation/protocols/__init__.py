"""Public benchmarks: files in their formats and scores by their rules."""
