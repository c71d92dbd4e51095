"""The SSH tasks: keys, trust and audits."""
