-- Hubs, the keys that speak for them, and what arrived from them by HTTP.

CREATE TABLE hubs (
    code          text PRIMARY KEY CHECK (code ~ '^[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?$'),
    name          text NOT NULL CHECK (name <> ''),
    region        text,
    registered_at timestamptz NOT NULL
);

-- A key of no hub is national: it reads, and reports nothing. The key itself is kept nowhere.
CREATE TABLE api_keys (
    key_id     uuid PRIMARY KEY,
    hub        text REFERENCES hubs,
    issued_at  timestamptz NOT NULL,
    revoked_at timestamptz CHECK (revoked_at >= issued_at)
);
CREATE INDEX api_keys_by_hub ON api_keys (hub);

-- What was recorded stays, by its fingerprint; what it said goes once Kafka has it.
CREATE TABLE arrivals (
    seq          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    hub          text NOT NULL REFERENCES hubs,
    source       text NOT NULL,
    id           text NOT NULL,
    fingerprint  bytea NOT NULL,
    headers      jsonb,
    bytes        bytea,
    recorded_at  timestamptz NOT NULL,
    queued_at    timestamptz NOT NULL DEFAULT clock_timestamp(), -- by the machine's own clock, driven or not
    published_at timestamptz,
    refused_at   timestamptz,
    refused_why  text,
    UNIQUE (hub, source, id),
    CHECK ((published_at IS NULL) = (bytes IS NOT NULL)),
    CHECK ((bytes IS NULL) = (headers IS NULL))
);
CREATE INDEX arrivals_due ON arrivals (seq) WHERE published_at IS NULL;
CREATE INDEX arrivals_stopped ON arrivals (hub) WHERE refused_at IS NOT NULL AND published_at IS NULL;

-- Columns that may hold a person's words keep no samples in the planner's statistics.
ALTER TABLE arrivals ALTER COLUMN bytes SET STATISTICS 0, ALTER COLUMN headers SET STATISTICS 0;
