-- What figures rest on besides facts, by the school year from which it holds. All are defaults of ours.

CREATE TABLE figure_policies (
    programme     text NOT NULL,
    from_year     text NOT NULL CHECK (from_year ~ '^20[0-9]{2}/[0-9]{2}$'),
    slots         integer NOT NULL CHECK (slots > 0),          -- advocates whom a school sends; as enrolment's policy
    half_terms    integer NOT NULL CHECK (half_terms > 0),     -- in which a Work Group is to meet
    register_days integer NOT NULL CHECK (register_days >= 0), -- after which a register that was not sent is late
    final_month   integer NOT NULL CHECK (final_month BETWEEN 1 AND 12),
    final_day     integer NOT NULL CHECK (final_day BETWEEN 1 AND 31), -- first day after the year's end, when figures are final
    PRIMARY KEY (programme, from_year)
);
INSERT INTO figure_policies (programme, from_year, slots, half_terms, register_days, final_month, final_day)
VALUES ('secondary-teaching-for-mastery', '2014/15', 2, 6, 14, 9, 1);

-- Where no calendar of a school tells: the first day of each half-term, in which a withdrawal falls.
CREATE TABLE figure_half_terms (
    programme  text NOT NULL,
    from_year  text NOT NULL CHECK (from_year ~ '^20[0-9]{2}/[0-9]{2}$'),
    half_term  integer NOT NULL CHECK (half_term BETWEEN 1 AND 6),
    from_month integer NOT NULL CHECK (from_month BETWEEN 1 AND 12),
    from_day   integer NOT NULL CHECK (from_day BETWEEN 1 AND 31),
    PRIMARY KEY (programme, from_year, half_term)
);
INSERT INTO figure_half_terms (programme, from_year, half_term, from_month, from_day)
VALUES ('secondary-teaching-for-mastery', '2014/15', 1, 9, 1),
       ('secondary-teaching-for-mastery', '2014/15', 2, 11, 1),
       ('secondary-teaching-for-mastery', '2014/15', 3, 1, 1),
       ('secondary-teaching-for-mastery', '2014/15', 4, 2, 20),
       ('secondary-teaching-for-mastery', '2014/15', 5, 4, 10),
       ('secondary-teaching-for-mastery', '2014/15', 6, 6, 1);

-- Which schools of the register are state-funded secondaries in England. The codes are those of Get Information
-- About Schools, the same as in enrolment's policy of who may take part (its migration 0010, which says which is
-- which); the census is that of January, on its third Thursday.
CREATE TABLE population_policies (
    programme                     text NOT NULL,
    from_year                     text NOT NULL CHECK (from_year ~ '^20[0-9]{2}/[0-9]{2}$'),
    type_codes                    integer[] NOT NULL,
    phase_codes                   integer[] NOT NULL,
    status_codes                  integer[] NOT NULL,
    age_judged_type_codes         integer[] NOT NULL,
    low_age                       integer NOT NULL,
    high_age                      integer NOT NULL CHECK (high_age > low_age),
    outside_type_codes            integer[] NOT NULL,
    outside_local_authority_codes text[] NOT NULL,
    countries                     text[] NOT NULL,
    PRIMARY KEY (programme, from_year)
);
INSERT INTO population_policies (programme, from_year, type_codes, phase_codes, status_codes, age_judged_type_codes,
                                 low_age, high_age, outside_type_codes, outside_local_authority_codes, countries)
VALUES ('secondary-teaching-for-mastery', '2014/15',
        '{1,2,3,5,6,7,12,14,15,18,28,31,32,33,34,35,36,38,39,40,41,42,43,44,45,46,57}', '{4,5,7}', '{1,3}',
        '{6,7,12,14,33,36,38,42,43,44}', 11, 16, '{30}', '{000,673,702,704,708}', '{England,United Kingdom}');
