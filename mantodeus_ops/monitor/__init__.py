"""Status, logs, checklists, watching, disk cleanup."""
