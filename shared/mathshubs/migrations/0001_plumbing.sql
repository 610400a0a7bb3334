-- What every service keeps beside its own nouns: versions, journal, outbox, inbox, offsets, parking, dead letters.

CREATE TABLE aggregates (
    id      text PRIMARY KEY,
    version bigint NOT NULL
);

CREATE TABLE journal (
    seq            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    event_id       uuid NOT NULL UNIQUE,
    topic          text NOT NULL,
    key            text NOT NULL,
    version        bigint NOT NULL,
    type           text NOT NULL,
    data           jsonb,
    recorded_at    timestamptz NOT NULL,
    actor          text NOT NULL,
    on_behalf_of   text,
    reason         text,
    causation_id   text,
    correlation_id text,
    traceparent    text
);
CREATE INDEX journal_by_key ON journal (key, version);

CREATE TABLE outbox (
    seq       bigint PRIMARY KEY REFERENCES journal,
    lane      text NOT NULL CHECK (lane IN ('facts', 'people')),
    queued_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    refused_at  timestamptz,
    refused_why text
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000, fillfactor = 90);

CREATE INDEX outbox_stopped ON outbox (seq) WHERE refused_at IS NOT NULL;

CREATE TABLE consumer_offsets (
    consumer text NOT NULL,
    topic    text NOT NULL,
    part     integer NOT NULL,
    next     bigint NOT NULL,
    heard_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (consumer, topic, part)
);

CREATE TABLE inbox (
    consumer    text NOT NULL,
    hub         text NOT NULL,
    source      text NOT NULL,
    event_id    text NOT NULL,
    fingerprint bytea,
    heard_at    timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (consumer, hub, source, event_id)
);

CREATE TABLE parked (
    seq        bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    consumer   text NOT NULL,
    topic      text NOT NULL,
    part       integer NOT NULL,
    "offset"   bigint NOT NULL,
    record_key bytea,
    headers    jsonb NOT NULL,
    value      bytea,
    key        text NOT NULL,
    makes      text,
    waits_for  text,
    state      text NOT NULL CHECK (state IN ('waiting', 'behind', 'failing', 'poisoned')),
    attempts   integer NOT NULL DEFAULT 0,
    reason     text NOT NULL,
    parked_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
    due_at     timestamptz NOT NULL DEFAULT clock_timestamp(),
    expires_at timestamptz NOT NULL,
    released_by text,
    UNIQUE (consumer, topic, part, "offset")
);
CREATE INDEX parked_by_key ON parked (consumer, key, seq);
CREATE INDEX parked_by_what_they_wait_for ON parked (waits_for) WHERE waits_for IS NOT NULL;

CREATE TABLE dead_letters (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    consumer    text NOT NULL,
    topic       text NOT NULL,
    part        integer NOT NULL,
    "offset"    bigint NOT NULL,
    record_key  bytea,
    headers     jsonb NOT NULL,
    value       bytea,
    hub         text,
    source      text,
    event_id    text,
    code        text NOT NULL,
    message     text NOT NULL,
    path        text,
    attempts    integer NOT NULL DEFAULT 1,
    state       text NOT NULL DEFAULT 'dead' CHECK (state IN ('dead', 'retrying', 'retried', 'discarded')),
    died_at     timestamptz NOT NULL DEFAULT clock_timestamp(),
    action_by   text,
    action_at   timestamptz,
    action_why  text,
    UNIQUE (consumer, topic, part, "offset")
);

-- Columns that may hold a person's words or bytes keep no samples in the planner's statistics.
ALTER TABLE parked ALTER COLUMN value SET STATISTICS 0, ALTER COLUMN headers SET STATISTICS 0, ALTER COLUMN record_key SET STATISTICS 0;
ALTER TABLE dead_letters ALTER COLUMN value SET STATISTICS 0, ALTER COLUMN headers SET STATISTICS 0, ALTER COLUMN record_key SET STATISTICS 0;
