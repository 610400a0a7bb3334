-- What was heard is never changed: the app role adds to the log, reads it, and gives positions; nothing else.

DO $$
BEGIN
    EXECUTE format('REVOKE UPDATE, DELETE, TRUNCATE ON event_log FROM %I', replace(current_user, '_owner', '_app'));
    EXECUTE format('GRANT UPDATE (position) ON event_log TO %I', replace(current_user, '_owner', '_app'));
END
$$;
