"""What enrolment says."""
