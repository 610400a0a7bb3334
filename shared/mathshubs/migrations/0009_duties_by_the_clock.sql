-- Up to which instant each duty by the clock has done what was due.

CREATE TABLE duties (
    name     text PRIMARY KEY,
    stood_at timestamptz NOT NULL
);
