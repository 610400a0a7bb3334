-- Specialists: the steps of their programme and of PD Lead accreditation, the days on which they may lead, and
-- what it takes to lead, by school year.

CREATE TABLE lead_policies (
    programme       text NOT NULL,
    from_year       text NOT NULL CHECK (from_year ~ '^20[0-9]{2}/[0-9]{2}$'),
    -- The year of the specialist programme from which somebody leads who is not designated yet.
    leads_from_year smallint CHECK (leads_from_year BETWEEN 1 AND 3),
    accreditation   text NOT NULL CHECK (accreditation IN ('none', 'enrolled', 'accredited')),
    caseload_groups smallint NOT NULL CHECK (caseload_groups > 0),
    PRIMARY KEY (programme, from_year)
);
-- A specialist leads from year 3 of the programme on, accredited as a PD Lead or working towards it.
INSERT INTO lead_policies (programme, from_year, leads_from_year, accreditation, caseload_groups)
VALUES ('secondary-teaching-for-mastery', '2014/15', 3, 'enrolled', 4);

-- `lapses_on` is the day on which an accreditation runs out that is not said to have done so yet.
CREATE TABLE specialists (
    person_id     uuid PRIMARY KEY,
    hub           text NOT NULL,
    lapse_said_of date,
    lapses_on     date CHECK (lapses_on > lapse_said_of)
);
CREATE INDEX specialists_that_lapse ON specialists (lapses_on) WHERE lapses_on IS NOT NULL;
CREATE INDEX specialists_by_hub ON specialists (hub, person_id);

-- Steps stand by their days; of one day, and where one is told late, `place` is the order in which they were told.
CREATE TABLE specialist_steps (
    person_id    uuid NOT NULL REFERENCES specialists,
    lifecycle    text NOT NULL CHECK (lifecycle IN ('programme', 'accreditation')),
    place        smallint NOT NULL CHECK (place > 0),
    step         text NOT NULL,
    hub          text NOT NULL,
    effective_on date NOT NULL,
    number       smallint CHECK (CASE step WHEN 'SpecialistAcceptedOnProgramme' THEN number BETWEEN 1 AND 99
                                           ELSE number BETWEEN 1 AND 3 END),
    expires_on   date CHECK (expires_on >= effective_on),
    reason       text CHECK (reason ~ '^[a-z-]{1,40}$'),
    PRIMARY KEY (person_id, lifecycle, place),
    CHECK ((number IS NOT NULL) OR step NOT IN ('SpecialistYearStarted', 'SpecialistGatePassed',
                                                'PDLeadWorkshopAttended'))
);

-- The last day is one of them. Two intervals of one person neither overlap nor touch: then they would be one.
CREATE TABLE lead_standing (
    person_id uuid NOT NULL REFERENCES specialists,
    from_on   date NOT NULL,
    until_on  date CHECK (until_on >= from_on),
    PRIMARY KEY (person_id, from_on),
    EXCLUDE USING gist (person_id WITH =, daterange(from_on, until_on + 1, '[]') WITH &&)
);
