"""Keys: which API keys were revoked, as enrolment says."""
