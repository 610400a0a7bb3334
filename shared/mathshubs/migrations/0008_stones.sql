-- Who was erased, so that no record which names them is kept whole again; and what a dead letter's bytes may come to.

CREATE TABLE stones (
    person_id uuid PRIMARY KEY,
    erased_at timestamptz NOT NULL
);

-- Of what is too large only the beginning is kept: how long it was, and its SHA-256, tell what it was.
ALTER TABLE dead_letters ADD COLUMN whole_bytes bigint, ADD COLUMN whole_sha256 bytea;

CREATE INDEX dead_letters_with_bytes ON dead_letters (consumer, greatest(died_at, action_at))
    WHERE value IS NOT NULL OR record_key IS NOT NULL OR headers <> '[]';
