"""How results look: text and tables for people, JSON lines for programs."""
