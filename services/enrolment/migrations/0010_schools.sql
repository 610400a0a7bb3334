-- Schools as the register has them, what replaced them, each import with what it set aside, and who may take part.

CREATE TABLE schools (
    urn                  text PRIMARY KEY CHECK (urn ~ '^[0-9]{6}$'),
    name                 text NOT NULL CHECK (name <> ''),
    local_authority_code text NOT NULL CHECK (local_authority_code ~ '^[0-9]{3}$'),
    local_authority_name text NOT NULL,
    region               text,
    country              text,
    type_code            smallint NOT NULL,
    phase_code           smallint NOT NULL,
    status_code          smallint NOT NULL CHECK (status_code BETWEEN 1 AND 4),
    low_age              smallint CHECK (low_age BETWEEN 0 AND 99),
    high_age             smallint CHECK (high_age BETWEEN 0 AND 99),
    opened_on            date,
    closed_on            date
);

CREATE TABLE school_links (
    predecessor text NOT NULL CHECK (predecessor ~ '^[0-9]{6}$'),
    successor   text NOT NULL CHECK (successor ~ '^[0-9]{6}$'),
    "on"        date,
    PRIMARY KEY (predecessor, successor),
    CHECK (predecessor <> successor)
);
CREATE INDEX school_links_by_successor ON school_links (successor);

CREATE TABLE register_imports (
    id              uuid PRIMARY KEY,
    kind            text NOT NULL CHECK (kind IN ('schools', 'links')),
    file_name       text NOT NULL,
    file_date       date NOT NULL,
    began_at        timestamptz NOT NULL,
    ended_at        timestamptz,
    missing_columns text[] NOT NULL,
    extra_columns   text[] NOT NULL,
    added           integer NOT NULL DEFAULT 0,
    changed         integer NOT NULL DEFAULT 0,
    unchanged       integer NOT NULL DEFAULT 0,
    quarantined     integer NOT NULL DEFAULT 0
);

-- Row numbers as a spreadsheet shows them, the header being 1. What the row says is not kept.
CREATE TABLE register_quarantine (
    import_id  uuid NOT NULL REFERENCES register_imports,
    row_number integer NOT NULL,
    urn        text,
    reason     text NOT NULL,
    PRIMARY KEY (import_id, row_number)
);

CREATE TABLE eligibility_policies (
    programme                     text NOT NULL,
    from_year                     text NOT NULL CHECK (from_year ~ '^20[0-9]{2}/[0-9]{2}$'),
    type_codes                    integer[] NOT NULL,
    phase_codes                   integer[] NOT NULL,
    status_codes                  integer[] NOT NULL,
    age_judged_type_codes         integer[] NOT NULL,
    low_age                       integer NOT NULL,
    high_age                      integer NOT NULL CHECK (high_age > low_age),
    colleges                      boolean NOT NULL,
    college_type_codes            integer[] NOT NULL,
    college_phase_codes           integer[] NOT NULL,
    outside_type_codes            integer[] NOT NULL,
    outside_local_authority_codes text[] NOT NULL,
    countries                     text[] NOT NULL,
    PRIMARY KEY (programme, from_year)
);

-- State-funded: maintained 1 2 3 5 14 15, city technology college 6, special 7 12, academies 28 33 34 42 to 46 57,
-- free schools 35 36 38 39 40 41, colleges 18 31 32. Non-maintained special schools (8) are left out, as the
-- Department's statistics class them apart. The city technology college has no phase and is judged by age.
INSERT INTO eligibility_policies VALUES (
    'secondary-teaching-for-mastery',
    '2014/15',
    '{1,2,3,5,6,7,12,14,15,18,28,31,32,33,34,35,36,38,39,40,41,42,43,44,45,46,57}',
    '{4,5,7}',
    '{1,3}',
    '{6,7,12,14,33,36,38,42,43,44}',
    11,
    16,
    false,
    '{18,31,32,39,45,46,57}',
    '{6}',
    '{30}',
    '{000,673,702,704,708}',
    '{England,United Kingdom}'
);
