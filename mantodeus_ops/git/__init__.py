"""git on the host: commands, refs, revisions and locks."""
