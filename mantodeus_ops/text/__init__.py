"""Plain text: formatted, sanitized, split into lines. Nothing here knows the product."""
