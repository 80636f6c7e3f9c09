"""Judge a predictions table: metrics, intervals, figures, summaries; no model and no trainer."""
