-- From how many absences running a programme wants to hear of them, and of which it has heard.

CREATE TABLE absence_policies (
    programme        text NOT NULL,
    from_year        text NOT NULL CHECK (from_year ~ '^20[0-9]{2}/[0-9]{2}$'),
    absences_running integer NOT NULL CHECK (absences_running > 0),
    PRIMARY KEY (programme, from_year)
);
INSERT INTO absence_policies (programme, from_year, absences_running)
VALUES ('secondary-teaching-for-mastery', '2014/15', 2);

-- A run of an advocate, or of a school by all of its advocates where it is nobody, that was said and has not ended.
CREATE TABLE absence_runs (
    work_group_id uuid NOT NULL REFERENCES work_groups,
    school_urn    text NOT NULL CHECK (school_urn ~ '^[0-9]{6}$'),
    person_id     uuid,
    meetings      integer NOT NULL CHECK (meetings > 0),
    since         date NOT NULL,
    UNIQUE NULLS NOT DISTINCT (work_group_id, school_urn, person_id)
);
