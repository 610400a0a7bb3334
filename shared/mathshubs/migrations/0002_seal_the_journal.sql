-- The journal is the audit trail: the app role adds to it and reads it, and can never change it.

DO $$
BEGIN
    EXECUTE format('REVOKE UPDATE, DELETE, TRUNCATE ON journal FROM %I', replace(current_user, '_owner', '_app'));
END
$$;
