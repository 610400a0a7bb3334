"""What notification says."""
