"""The inventory file: locating, parsing and validating it."""
