"""What runs on the host and listens: GitHub's deliveries on disk, and one deploy after another."""
