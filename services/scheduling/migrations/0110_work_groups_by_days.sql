-- Who led, held a slot or was in the group is asked for the day of a meeting, so each has the days on which it holds.
-- The last day is included. `work_groups.lead_id` and `advocate_slots` go in a later release; nothing reads them now.

ALTER TABLE work_groups
    ADD COLUMN programme text,
    ADD COLUMN stage     text CHECK (stage IN ('development', 'embedding', 'sustaining'));

-- Each leads from their day on until the next one does, so that there is neither a gap nor an overlap.
CREATE TABLE leads (
    work_group_id uuid NOT NULL REFERENCES work_groups,
    from_on       date NOT NULL,
    person_id     uuid NOT NULL,
    PRIMARY KEY (work_group_id, from_on)
);
INSERT INTO leads (work_group_id, from_on, person_id)
SELECT id, make_date(left(school_year, 4)::integer, 9, 1), lead_id
  FROM work_groups
 WHERE lead_id IS NOT NULL;

-- No school is known of slots that were heard of before schools were.
CREATE TABLE slots (
    work_group_id uuid NOT NULL REFERENCES work_groups,
    person_id     uuid NOT NULL,
    school_urn    text CHECK (school_urn ~ '^[0-9]{6}$'),
    from_on       date NOT NULL,
    until_on      date,
    CHECK (until_on >= from_on),
    EXCLUDE USING gist (work_group_id WITH =, person_id WITH =, school_urn WITH =,
                        daterange(from_on, until_on, '[]') WITH &&)
);
INSERT INTO slots (work_group_id, person_id, from_on)
SELECT work_group_id, person_id, effective_on
  FROM advocate_slots;

CREATE TABLE members (
    work_group_id        uuid NOT NULL REFERENCES work_groups,
    school_urn           text NOT NULL CHECK (school_urn ~ '^[0-9]{6}$'),
    from_on              date NOT NULL,
    until_on             date,
    local_authority_code text CHECK (local_authority_code ~ '^[0-9]{3}$'),
    PRIMARY KEY (work_group_id, school_urn, from_on),
    CHECK (until_on >= from_on),
    EXCLUDE USING gist (work_group_id WITH =, school_urn WITH =, daterange(from_on, until_on, '[]') WITH &&)
);
