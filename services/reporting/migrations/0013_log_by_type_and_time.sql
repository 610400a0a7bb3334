-- The first page asks for what was recorded last of each type, and how much of it on one day.

CREATE INDEX event_log_by_type_and_time ON event_log (type, recorded_at, arrived);
DROP INDEX event_log_by_type;
