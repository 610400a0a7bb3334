"""What is to be sent, whether it still may be, and what follows from what mail servers say of it."""
