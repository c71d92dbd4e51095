"""Back to an earlier state: which one, whether it can be restored, and how."""
