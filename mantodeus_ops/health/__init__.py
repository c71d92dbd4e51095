"""Whether the app is healthy, asked on its host."""
