"""Open lessons: taught for visiting teachers, with those who watched."""
