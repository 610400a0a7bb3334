-- Every mail that is to be sent, one for each revision of a calendar entry, and what became of it.

CREATE TABLE deliveries (
    delivery_id     uuid PRIMARY KEY,
    meeting_id      uuid NOT NULL,
    person_id       uuid NOT NULL,
    kind            text NOT NULL CHECK (kind IN ('invitation', 'change', 'withdrawal')),
    revision        integer NOT NULL CHECK (revision >= 0),
    uid             text NOT NULL,
    name            text NOT NULL,
    starts_at       timestamptz NOT NULL,
    ends_at         timestamptz NOT NULL,
    mode            text NOT NULL,
    place           text,
    was_starts_at   timestamptz,
    was_ends_at     timestamptz,
    stamped_at      timestamptz NOT NULL,
    status          text NOT NULL CHECK (status IN ('waiting-for-address', 'queued', 'sending', 'sent', 'unknown',
                                                    'expired', 'failed', 'withheld', 'superseded', 'dropped')),
    handings        integer NOT NULL DEFAULT 0,
    deferrals       integer NOT NULL DEFAULT 0,
    doubts          integer NOT NULL DEFAULT 0,
    answer          text,
    address         text,
    queued_at       timestamptz NOT NULL DEFAULT clock_timestamp(),
    handed_at       timestamptz,
    next_attempt_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    settled_at      timestamptz,
    -- Stricter than once for each kind: a revision of an entry is told once, whatever it says.
    UNIQUE (meeting_id, person_id, revision)
) WITH (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.02);

CREATE INDEX deliveries_due ON deliveries (next_attempt_at) WHERE status IN ('queued', 'sending');
CREATE INDEX deliveries_to_end ON deliveries (ends_at) WHERE status IN ('queued', 'waiting-for-address');
CREATE INDEX deliveries_by_person ON deliveries (person_id);

-- The planner keeps no samples of what is personal.
ALTER TABLE deliveries ALTER COLUMN address SET STATISTICS 0;
