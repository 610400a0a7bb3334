-- Work Groups, the schools in them and their advocates; the tables keep what two hubs at once could break.

CREATE EXTENSION IF NOT EXISTS btree_gist;

CREATE TABLE policies (
    name      text NOT NULL,
    programme text NOT NULL,
    from_year text NOT NULL CHECK (from_year ~ '^20[0-9]{2}/[0-9]{2}$'),
    slots     smallint NOT NULL CHECK (slots > 0),
    PRIMARY KEY (name, programme, from_year)
);
INSERT INTO policies VALUES ('standard', 'secondary-teaching-for-mastery', '2014/15', 2);

CREATE TABLE work_groups (
    work_group_id uuid PRIMARY KEY,
    hub           text NOT NULL,
    name          text NOT NULL CHECK (name <> ''),
    programme     text NOT NULL,
    stage         text NOT NULL,
    school_year   text NOT NULL CHECK (school_year ~ '^20[0-9]{2}/[0-9]{2}$'),
    policy        text NOT NULL,
    lead_id       uuid,
    UNIQUE (work_group_id, programme, school_year)
);

-- `until_on` is the last day, none while it lasts. A lineage takes part once in a programme and school year.
CREATE TABLE participations (
    work_group_id         uuid NOT NULL,
    school_urn            text NOT NULL,
    lineage               text NOT NULL,
    programme             text NOT NULL,
    school_year           text NOT NULL,
    from_on               date NOT NULL,
    until_on              date CHECK (until_on >= from_on),
    headteacher_agreed_on date,
    PRIMARY KEY (work_group_id, school_urn),
    UNIQUE (work_group_id, school_urn, programme, school_year),
    FOREIGN KEY (work_group_id, programme, school_year)
        REFERENCES work_groups (work_group_id, programme, school_year),
    EXCLUDE USING gist (lineage WITH =, programme WITH =, school_year WITH =,
                        daterange(from_on, until_on, '[]') WITH &&)
);
CREATE INDEX participations_by_school ON participations (school_urn);

CREATE TABLE refused_joins (
    work_group_id uuid NOT NULL REFERENCES work_groups,
    school_urn    text NOT NULL,
    PRIMARY KEY (work_group_id, school_urn)
);

-- One teacher to a slot at a time, one slot to a teacher in a programme and school year. `slots` is how many the
-- policy gave when this one was filled.
CREATE TABLE advocate_slots (
    work_group_id uuid NOT NULL,
    school_urn    text NOT NULL,
    programme     text NOT NULL,
    school_year   text NOT NULL,
    slot          smallint NOT NULL,
    slots         smallint NOT NULL,
    person_id     uuid NOT NULL,
    from_on       date NOT NULL,
    until_on      date CHECK (until_on >= from_on),
    PRIMARY KEY (work_group_id, school_urn, slot, from_on),
    CHECK (slot BETWEEN 1 AND slots),
    FOREIGN KEY (work_group_id, school_urn, programme, school_year)
        REFERENCES participations (work_group_id, school_urn, programme, school_year),
    EXCLUDE USING gist (work_group_id WITH =, school_urn WITH =, slot WITH =,
                        daterange(from_on, until_on, '[]') WITH &&),
    EXCLUDE USING gist (person_id WITH =, programme WITH =, school_year WITH =,
                        daterange(from_on, until_on, '[]') WITH &&)
);
