"""Push to deploy: the receiver, its installation, its status."""
