"""Tasks of SSH: keys, trust, audits."""
