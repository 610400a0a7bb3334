-- A hub's tasks ask for all that was recorded of it.

CREATE INDEX event_log_by_hub ON event_log (hub, type, recorded_at) WHERE hub IS NOT NULL;
