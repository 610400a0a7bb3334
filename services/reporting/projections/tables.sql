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
    country              text,
    type_code            integer NOT NULL,
    phase_code           integer NOT NULL,
    status_code          integer NOT NULL,
    low_age              integer,
    high_age             integer,
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

CREATE TABLE aliases (
    event_id     text PRIMARY KEY,
    person_id    uuid NOT NULL,
    into_id      uuid NOT NULL,
    version      bigint NOT NULL,
    effective_at timestamptz NOT NULL,
    recorded_at  timestamptz NOT NULL
);

CREATE TABLE work_groups (
    event_id      text PRIMARY KEY,
    work_group_id uuid NOT NULL,
    name          text NOT NULL,
    programme     text NOT NULL,
    stage         text NOT NULL,
    hub           text,
    school_year   text NOT NULL,
    lead_id       uuid,
    version       bigint NOT NULL,
    effective_at  timestamptz NOT NULL,
    recorded_at   timestamptz NOT NULL
);
CREATE INDEX ON work_groups (work_group_id, version);
CREATE INDEX ON work_groups (school_year);

CREATE TABLE standings (
    event_id      text PRIMARY KEY,
    work_group_id uuid NOT NULL,
    state         text NOT NULL,
    effective_on  date NOT NULL,
    version       bigint NOT NULL,
    effective_at  timestamptz NOT NULL,
    recorded_at   timestamptz NOT NULL
);
CREATE INDEX ON standings (work_group_id, version);

CREATE TABLE leads (
    event_id      text PRIMARY KEY,
    work_group_id uuid NOT NULL,
    lead_id       uuid NOT NULL,
    effective_on  date NOT NULL,
    version       bigint NOT NULL,
    effective_at  timestamptz NOT NULL,
    recorded_at   timestamptz NOT NULL
);
CREATE INDEX ON leads (work_group_id, version);

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

CREATE TABLE withdrawals (
    event_id      text PRIMARY KEY,
    work_group_id uuid NOT NULL,
    school_urn    text NOT NULL,
    reason        text NOT NULL,
    effective_on  date NOT NULL,
    version       bigint NOT NULL,
    effective_at  timestamptz NOT NULL,
    recorded_at   timestamptz NOT NULL
);
CREATE INDEX ON withdrawals (work_group_id, school_urn);

CREATE TABLE completions (
    event_id      text PRIMARY KEY,
    work_group_id uuid NOT NULL,
    school_urn    text NOT NULL,
    became        text NOT NULL CHECK (became IN ('completed', 'questioned')),
    stage         text NOT NULL,
    hub           text,
    school_year   text NOT NULL,
    effective_on  date NOT NULL,
    version       bigint NOT NULL,
    effective_at  timestamptz NOT NULL,
    recorded_at   timestamptz NOT NULL
);
CREATE INDEX ON completions (school_year, work_group_id, school_urn);

CREATE TABLE slots (
    event_id      text PRIMARY KEY,
    work_group_id uuid NOT NULL,
    school_urn    text NOT NULL,
    person_id     uuid NOT NULL,
    hub           text,
    school_year   text NOT NULL,
    effective_on  date NOT NULL,
    version       bigint NOT NULL,
    effective_at  timestamptz NOT NULL,
    recorded_at   timestamptz NOT NULL
);
CREATE INDEX ON slots (work_group_id);

CREATE TABLE vacated (
    event_id      text PRIMARY KEY,
    work_group_id uuid NOT NULL,
    school_urn    text NOT NULL,
    person_id     uuid NOT NULL,
    effective_on  date NOT NULL,
    version       bigint NOT NULL,
    effective_at  timestamptz NOT NULL,
    recorded_at   timestamptz NOT NULL
);
CREATE INDEX ON vacated (work_group_id, school_urn, person_id);

-- What a specialist has come to on the programme, or on the way to PD Lead.
CREATE TABLE steps (
    event_id     text PRIMARY KEY,
    person_id    uuid NOT NULL,
    step         text NOT NULL,
    hub          text,
    cohort       integer,
    year         integer,  -- of the programme
    expires_on   date,
    effective_on date NOT NULL,
    version      bigint NOT NULL,
    effective_at timestamptz NOT NULL,
    recorded_at  timestamptz NOT NULL
);
CREATE INDEX ON steps (person_id, version);

CREATE TABLE meetings (
    event_id      text PRIMARY KEY,
    meeting_id    uuid NOT NULL,
    work_group_id uuid NOT NULL,
    became        text NOT NULL CHECK (became IN ('scheduled', 'rescheduled', 'cancelled', 'held')),
    starts_at     timestamptz NOT NULL,
    ends_at       timestamptz NOT NULL,
    mode          text,  -- a move says nothing of it
    half_term     integer,
    led_by_id     uuid,
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
    reason        text,  -- why it supersedes what was recorded
    version       bigint NOT NULL,
    effective_at  timestamptz NOT NULL,
    recorded_at   timestamptz NOT NULL
);
CREATE INDEX ON attendance (meeting_id, person_id, revision);

CREATE TABLE visits (
    event_id       text PRIMARY KEY,
    visit_id       uuid NOT NULL,
    work_group_id  uuid NOT NULL,
    school_urn     text NOT NULL,
    hours          double precision NOT NULL,
    entitled_hours double precision,
    hub            text,
    school_year    text NOT NULL,
    held_on        date NOT NULL,
    version        bigint NOT NULL,
    effective_at   timestamptz NOT NULL,
    recorded_at    timestamptz NOT NULL
);
CREATE INDEX ON visits (school_year, visit_id, version);

CREATE TABLE lessons (
    event_id      text PRIMARY KEY,
    lesson_id     uuid NOT NULL,
    work_group_id uuid,
    school_urn    text NOT NULL,
    observers     jsonb NOT NULL,  -- school and, where it is known, person of each who watched
    hub           text,
    school_year   text NOT NULL,
    held_on       date NOT NULL,
    version       bigint NOT NULL,
    effective_at  timestamptz NOT NULL,
    recorded_at   timestamptz NOT NULL
);
CREATE INDEX ON lessons (school_year, lesson_id, version);

CREATE TABLE messages (
    event_id     text PRIMARY KEY,
    delivery_id  uuid NOT NULL,
    meeting_id   uuid NOT NULL,
    status       text NOT NULL,
    queued_at    timestamptz NOT NULL,
    handed_at    timestamptz,
    hub          text,
    school_year  text NOT NULL,
    version      bigint NOT NULL,
    effective_at timestamptz NOT NULL,
    recorded_at  timestamptz NOT NULL
);
CREATE INDEX ON messages (school_year, delivery_id, version);
