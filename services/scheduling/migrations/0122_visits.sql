-- Support visits, what a stage entitles a school to, and which school took the place of which.

CREATE TABLE visits (
    id            uuid PRIMARY KEY,
    work_group_id uuid NOT NULL REFERENCES work_groups,
    school_urn    text NOT NULL CHECK (school_urn ~ '^[0-9]{6}$'),
    held_on       date NOT NULL,
    hours         double precision NOT NULL CHECK (hours > 0 AND hours <= 24),
    mode          text NOT NULL CHECK (mode IN ('face-to-face', 'online', 'hybrid')),
    focus         text,
    actions       text,
    redacted      boolean NOT NULL DEFAULT false
);
CREATE INDEX visits_by_school ON visits (work_group_id, school_urn);

-- Words of a hub, in which people may be named: the planner's statistics must not repeat them.
ALTER TABLE visits ALTER COLUMN focus SET STATISTICS 0, ALTER COLUMN actions SET STATISTICS 0;

-- A stage without a row gives no hours in particular. Three days to each school in embedding: 2022/23's funding terms.
CREATE TABLE visit_policies (
    programme     text NOT NULL,
    stage         text NOT NULL CHECK (stage IN ('development', 'embedding', 'sustaining')),
    from_year     text NOT NULL CHECK (from_year ~ '^20[0-9]{2}/[0-9]{2}$'),
    entitled_days double precision CHECK (entitled_days > 0),
    hours_per_day double precision NOT NULL CHECK (hours_per_day > 0 AND hours_per_day <= 24),
    PRIMARY KEY (programme, stage, from_year)
);
INSERT INTO visit_policies (programme, stage, from_year, entitled_days, hours_per_day)
VALUES ('secondary-teaching-for-mastery', 'embedding', '2022/23', 3, 6);

CREATE TABLE successors (
    predecessor text NOT NULL CHECK (predecessor ~ '^[0-9]{6}$'),
    successor   text NOT NULL CHECK (successor ~ '^[0-9]{6}$'),
    PRIMARY KEY (predecessor, successor),
    CHECK (predecessor <> successor)
);
CREATE INDEX successors_by_successor ON successors (successor);
