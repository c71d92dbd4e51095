"""Status, logs, checklists, watching and disk cleanup."""
