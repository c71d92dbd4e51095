"""The inventory file: found, parsed, validated."""
