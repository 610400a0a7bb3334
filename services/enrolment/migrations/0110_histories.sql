-- Schools leave and come back, slots fall vacant and are filled again, leads follow each other: each with its days.
-- What was given up on the very day on which it began held on no day: `until_on` is then the day before.

ALTER TABLE advocate_slots
    DROP CONSTRAINT advocate_slots_pkey,
    DROP CONSTRAINT advocate_slots_check,
    DROP CONSTRAINT advocate_slots_work_group_id_school_urn_programme_school_y_fkey,
    DROP CONSTRAINT advocate_slots_work_group_id_school_urn_slot_daterange_excl,
    DROP CONSTRAINT advocate_slots_person_id_programme_school_year_daterange_excl;

ALTER TABLE participations
    DROP CONSTRAINT participations_pkey,
    DROP CONSTRAINT participations_check,
    DROP CONSTRAINT participations_work_group_id_school_urn_programme_school_ye_key,
    DROP CONSTRAINT participations_lineage_programme_school_year_daterange_excl,
    ADD COLUMN reason text,
    ADD PRIMARY KEY (work_group_id, school_urn, from_on),
    ADD UNIQUE (work_group_id, school_urn, from_on, programme, school_year),
    ADD CHECK (until_on >= from_on - 1),
    ADD CHECK ((until_on IS NULL) = (reason IS NULL)),
    ADD CONSTRAINT one_place_to_a_lineage
        EXCLUDE USING gist (lineage WITH =, programme WITH =, school_year WITH =,
                            daterange(from_on, until_on + 1, '[)') WITH &&);

-- `joined_on` says for which of the school's places in the group the slot is held.
ALTER TABLE advocate_slots ADD COLUMN joined_on date, ADD COLUMN reason text;
UPDATE advocate_slots
   SET joined_on = participations.from_on
  FROM participations
 WHERE participations.work_group_id = advocate_slots.work_group_id
   AND participations.school_urn = advocate_slots.school_urn;
ALTER TABLE advocate_slots
    ALTER COLUMN joined_on SET NOT NULL,
    ADD PRIMARY KEY (work_group_id, school_urn, person_id, from_on),
    ADD CHECK (until_on >= from_on - 1),
    ADD CHECK ((until_on IS NULL) = (reason IS NULL)),
    ADD FOREIGN KEY (work_group_id, school_urn, joined_on, programme, school_year)
        REFERENCES participations (work_group_id, school_urn, from_on, programme, school_year),
    ADD CONSTRAINT one_teacher_to_a_slot
        EXCLUDE USING gist (work_group_id WITH =, school_urn WITH =, slot WITH =,
                            daterange(from_on, until_on + 1, '[)') WITH &&),
    ADD CONSTRAINT one_slot_to_a_teacher
        EXCLUDE USING gist (person_id WITH =, programme WITH =, school_year WITH =,
                            daterange(from_on, until_on + 1, '[)') WITH &&);

CREATE TABLE work_group_leads (
    work_group_id uuid NOT NULL REFERENCES work_groups,
    lead_id       uuid NOT NULL,
    from_on       date NOT NULL,
    until_on      date CHECK (until_on >= from_on - 1),
    PRIMARY KEY (work_group_id, lead_id, from_on),
    CONSTRAINT one_lead_at_a_time
        EXCLUDE USING gist (work_group_id WITH =, daterange(from_on, until_on + 1, '[)') WITH &&)
);
CREATE INDEX work_group_leads_by_lead ON work_group_leads (lead_id);
INSERT INTO work_group_leads (work_group_id, lead_id, from_on)
SELECT work_group_id, lead_id, make_date(left(school_year, 4)::integer, 9, 1)
  FROM work_groups
 WHERE lead_id IS NOT NULL;
