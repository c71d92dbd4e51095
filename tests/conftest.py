"""What holds for every test."""

from hypothesis import settings

# No database of failures: the checkout may belong to somebody else. A slow machine is no failure.
settings.register_profile("here", database=None, deadline=None, max_examples=60)
settings.load_profile("here")
