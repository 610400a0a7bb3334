-- Every fact that was heard, kept for ever: what a rebuild reads, in the order of `position`.

CREATE TABLE event_log (
    arrived      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    topic        text NOT NULL,
    part         integer NOT NULL,
    "offset"     bigint NOT NULL,
    source       text NOT NULL,
    event_id     text NOT NULL,
    type         text NOT NULL,
    key          text NOT NULL,
    version      bigint NOT NULL,
    hub          text,
    school_year  text,
    effective_at timestamptz NOT NULL,
    recorded_at  timestamptz NOT NULL,
    correlation  text,
    data         jsonb NOT NULL,
    seal         bigint NOT NULL,
    position     bigint UNIQUE,
    UNIQUE (source, event_id)
);
CREATE INDEX event_log_without_position ON event_log (arrived) WHERE position IS NULL;
CREATE INDEX event_log_by_type ON event_log (type, arrived);

-- The last position given. Without it a row taken from the end would leave no gap, and its position would be given again.
CREATE TABLE event_log_head (
    one      boolean PRIMARY KEY DEFAULT true CHECK (one),
    position bigint NOT NULL
);
INSERT INTO event_log_head (position) VALUES (0);

-- A row is sealed as it arrives, so that one changed by hand can be told. A hash for accidents, not against forgers.
CREATE FUNCTION seal_of(logged event_log) RETURNS bigint LANGUAGE sql STABLE AS $$
    SELECT hash_record_extended(
        ROW(logged.topic, logged.part, logged."offset", logged.source, logged.event_id, logged.type, logged.key,
            logged.version, logged.hub, logged.school_year, logged.effective_at, logged.recorded_at,
            logged.correlation, logged.data),
        0)
$$;

CREATE FUNCTION seal_on_arrival() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.seal := seal_of(NEW);
    RETURN NEW;
END
$$;
CREATE TRIGGER seal_on_arrival BEFORE INSERT ON event_log FOR EACH ROW EXECUTE FUNCTION seal_on_arrival();
