-- Meetings, who is invited to them, who is where, and copies of the Work Groups that they are of.

CREATE EXTENSION IF NOT EXISTS btree_gist;

CREATE TABLE work_groups (
    id          uuid PRIMARY KEY,
    hub         text NOT NULL,
    name        text NOT NULL,
    school_year text NOT NULL,
    lead_id     uuid
);

CREATE TABLE advocate_slots (
    work_group_id uuid NOT NULL REFERENCES work_groups,
    person_id     uuid NOT NULL,
    effective_on  date NOT NULL,
    PRIMARY KEY (work_group_id, person_id)
);

CREATE TABLE meetings (
    id            uuid PRIMARY KEY,
    work_group_id uuid NOT NULL REFERENCES work_groups,
    starts_at     timestamptz NOT NULL,
    ends_at       timestamptz NOT NULL,
    mode          text NOT NULL CHECK (mode IN ('face-to-face', 'online', 'hybrid')),
    place         text,
    join_url      text,
    extra         boolean NOT NULL,
    held          boolean NOT NULL,
    led_by_id     uuid,
    guests        integer CHECK (guests >= 0),
    attended      uuid[] NOT NULL,
    CHECK (ends_at > starts_at)
);
CREATE INDEX meetings_by_work_group ON meetings (work_group_id);

-- Words of a hub, and a secret, which the planner's statistics must not repeat.
ALTER TABLE meetings ALTER COLUMN place SET STATISTICS 0, ALTER COLUMN join_url SET STATISTICS 0;

CREATE TABLE invitations (
    meeting_id uuid NOT NULL REFERENCES meetings,
    person_id  uuid NOT NULL,
    role       text NOT NULL CHECK (role IN ('advocate', 'lead')),
    PRIMARY KEY (meeting_id, person_id)
);

-- No lead or advocate is in two meetings at once; what a hub reports all the same stands here as clashing.
CREATE TABLE commitments (
    person_id  uuid NOT NULL,
    meeting_id uuid NOT NULL REFERENCES meetings,
    during     tstzrange NOT NULL CHECK (NOT isempty(during)),
    clashes    boolean NOT NULL,
    PRIMARY KEY (meeting_id, person_id),
    EXCLUDE USING gist (person_id WITH =, during WITH &&) WHERE (NOT clashes)
);
CREATE INDEX commitments_by_person ON commitments USING gist (person_id, during);
