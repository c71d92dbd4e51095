"""One task over many hosts: selection, batches, rollout."""
