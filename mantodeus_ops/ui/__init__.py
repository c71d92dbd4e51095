"""The terminal: progress, boards, prompts, result rows."""
