"""What a run found, as one page, a model card and a checklist."""
