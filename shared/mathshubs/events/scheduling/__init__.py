"""What scheduling says."""
