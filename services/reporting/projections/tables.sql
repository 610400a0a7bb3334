-- The tables of one set of projections, made in the schema that comes first in the search path.
-- Each row is one fact: how it is told from others (event_id), when it was true and when it was recorded.

CREATE TABLE hubs (
    event_id     text PRIMARY KEY,
    code         text NOT NULL,
    name         text NOT NULL,
    region       text,
    version      bigint NOT NULL,
    effective_at timestamptz NOT NULL,
    recorded_at  timestamptz NOT NULL
);
CREATE INDEX ON hubs (code, version);

CREATE TABLE schools (
    event_id             text PRIMARY KEY,
    urn                  text NOT NULL,
    name                 text NOT NULL,
    local_authority_code text NOT NULL,
    local_authority_name text NOT NULL,
    region               text,
    is_closed            boolean NOT NULL,
    opened_on            date,
    closed_on            date,
    version              bigint NOT NULL,
    effective_at         timestamptz NOT NULL,
    recorded_at          timestamptz NOT NULL
);
CREATE INDEX ON schools (urn, version);

CREATE TABLE links (
    event_id        text PRIMARY KEY,
    predecessor_urn text NOT NULL,
    successor_urn   text NOT NULL,
    linked_on       date,
    version         bigint NOT NULL,
    effective_at    timestamptz NOT NULL,
    recorded_at     timestamptz NOT NULL
);
CREATE INDEX ON links (predecessor_urn, successor_urn, version);

CREATE TABLE work_groups (
    event_id      text PRIMARY KEY,
    work_group_id uuid NOT NULL,
    name          text NOT NULL,
    programme     text NOT NULL,
    stage         text NOT NULL,
    hub           text,
    school_year   text NOT NULL,
    version       bigint NOT NULL,
    effective_at  timestamptz NOT NULL,
    recorded_at   timestamptz NOT NULL
);
CREATE INDEX ON work_groups (work_group_id, version);
CREATE INDEX ON work_groups (school_year);

CREATE TABLE joins (
    event_id      text PRIMARY KEY,
    work_group_id uuid NOT NULL,
    school_urn    text NOT NULL,
    stage         text NOT NULL,
    hub           text,
    school_year   text NOT NULL,
    effective_on  date NOT NULL,
    version       bigint NOT NULL,
    effective_at  timestamptz NOT NULL,
    recorded_at   timestamptz NOT NULL
);
CREATE INDEX ON joins (school_year, work_group_id);

CREATE TABLE slots (
    event_id      text PRIMARY KEY,
    work_group_id uuid NOT NULL,
    school_urn    text NOT NULL,
    person_id     uuid NOT NULL,
    hub           text,
    effective_on  date NOT NULL,
    version       bigint NOT NULL,
    effective_at  timestamptz NOT NULL,
    recorded_at   timestamptz NOT NULL
);
CREATE INDEX ON slots (work_group_id);

CREATE TABLE meetings (
    event_id      text PRIMARY KEY,
    meeting_id    uuid NOT NULL,
    work_group_id uuid NOT NULL,
    became        text NOT NULL CHECK (became IN ('scheduled', 'rescheduled', 'held')),
    starts_at     timestamptz NOT NULL,
    ends_at       timestamptz NOT NULL,
    mode          text,  -- a move says nothing of it
    hub           text,
    school_year   text NOT NULL,
    version       bigint NOT NULL,
    effective_at  timestamptz NOT NULL,
    recorded_at   timestamptz NOT NULL
);
CREATE INDEX ON meetings (meeting_id, version);
CREATE INDEX ON meetings (school_year) WHERE became = 'held';

CREATE TABLE attendance (
    event_id      text PRIMARY KEY,
    meeting_id    uuid NOT NULL,
    work_group_id uuid NOT NULL,
    person_id     uuid NOT NULL,
    status        text NOT NULL,
    mode          text,
    minutes       integer,
    revision      integer NOT NULL,
    version       bigint NOT NULL,
    effective_at  timestamptz NOT NULL,
    recorded_at   timestamptz NOT NULL
);
CREATE INDEX ON attendance (meeting_id, person_id, revision);
