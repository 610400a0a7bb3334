-- How each Work Group was last said to stand, when to look at it again, which vacancies were told; and by which policy.

-- A slot left vacant for `vacancy_days` is told. Fewer than `min_schools` put a running group at risk. A school that
-- came to `min_held` of the `meetings_per_year` has completed its stage on the `completes_day` of `completes_month`.
ALTER TABLE policies
    ADD COLUMN vacancy_days smallint NOT NULL DEFAULT 30 CHECK (vacancy_days > 0),
    ADD COLUMN min_schools smallint NOT NULL DEFAULT 2 CHECK (min_schools > 0),
    ADD COLUMN meetings_per_year smallint NOT NULL DEFAULT 6 CHECK (meetings_per_year > 0),
    ADD COLUMN min_held smallint NOT NULL DEFAULT 5 CHECK (min_held > 0),
    ADD COLUMN completes_month smallint NOT NULL DEFAULT 8 CHECK (completes_month BETWEEN 1 AND 12),
    ADD COLUMN completes_day smallint NOT NULL DEFAULT 1 CHECK (completes_day BETWEEN 1 AND 28),
    ADD CHECK (min_held <= meetings_per_year);

-- A group without a row has never been looked at; `due_on` is the next day on which the clock alone may change it.
CREATE TABLE work_group_standings (
    work_group_id uuid PRIMARY KEY REFERENCES work_groups,
    state         text NOT NULL,
    at_risk       boolean NOT NULL,
    schools       integer NOT NULL CHECK (schools >= 0),
    due_on        date
);
CREATE INDEX work_group_standings_due ON work_group_standings (due_on);

CREATE TABLE vacancies_told (
    work_group_id uuid NOT NULL REFERENCES work_groups,
    school_urn    text NOT NULL,
    slot          smallint NOT NULL CHECK (slot > 0),
    vacant_since  date NOT NULL,
    PRIMARY KEY (work_group_id, school_urn, slot, vacant_since)
);
