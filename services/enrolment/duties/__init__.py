"""What enrolment does by the clock."""
