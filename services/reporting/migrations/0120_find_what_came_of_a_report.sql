-- A timeline asks for all facts that share the correlation of one report.

CREATE INDEX event_log_by_correlation ON event_log (correlation, recorded_at, arrived) WHERE correlation IS NOT NULL;
