"""Dependencies: which manager installs them, from what, and whether all of them arrived."""
