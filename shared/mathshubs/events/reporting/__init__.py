"""What reporting says."""
