-- When schools are open and closed: imported by authority or school, reported by hubs, and the nation's usual dates.

-- `whose` is a local authority's code, of three digits, or a school's URN, of six.
CREATE TABLE imported_dates (
    whose       text NOT NULL CHECK (whose ~ '^([0-9]{3}|[0-9]{6})$'),
    school_year text NOT NULL CHECK (school_year ~ '^20[0-9]{2}/[0-9]{2}$'),
    kind        text NOT NULL CHECK (kind IN ('term', 'holiday', 'inset')),
    half_term   smallint CHECK (half_term BETWEEN 1 AND 6),
    from_on     date NOT NULL CHECK (from_on >= make_date(left(school_year, 4)::integer, 9, 1)),
    to_on       date NOT NULL CHECK (to_on <= make_date(left(school_year, 4)::integer + 1, 8, 31)),
    PRIMARY KEY (whose, school_year, kind, from_on),
    CHECK (to_on >= from_on),
    CHECK (half_term IS NULL OR kind = 'term'),
    EXCLUDE USING gist (whose WITH =, kind WITH =, daterange(from_on, to_on, '[]') WITH &&)
);

-- What a hub says of a school holds for that hub's Work Groups; one that says nothing closed has no closures.
CREATE TABLE reported_calendars (
    hub         text NOT NULL,
    school_urn  text NOT NULL CHECK (school_urn ~ '^[0-9]{6}$'),
    school_year text NOT NULL CHECK (school_year ~ '^20[0-9]{2}/[0-9]{2}$'),
    PRIMARY KEY (hub, school_urn, school_year)
);

CREATE TABLE reported_closures (
    hub         text NOT NULL,
    school_urn  text NOT NULL,
    school_year text NOT NULL,
    kind        text NOT NULL CHECK (kind IN ('holiday', 'inset')),
    from_on     date NOT NULL CHECK (from_on >= make_date(left(school_year, 4)::integer, 9, 1)),
    to_on       date NOT NULL CHECK (to_on <= make_date(left(school_year, 4)::integer + 1, 8, 31)),
    PRIMARY KEY (hub, school_urn, school_year, kind, from_on),
    FOREIGN KEY (hub, school_urn, school_year) REFERENCES reported_calendars (hub, school_urn, school_year),
    CHECK (to_on >= from_on),
    EXCLUDE USING gist (hub WITH =, school_urn WITH =, kind WITH =, daterange(from_on, to_on, '[]') WITH &&)
);

-- The half-terms of a group of which nothing nearer is known. A year without rows has those of the latest year
-- before it, moved by whole weeks.
CREATE TABLE half_term_policies (
    from_year text NOT NULL CHECK (from_year ~ '^20[0-9]{2}/[0-9]{2}$'),
    half_term smallint NOT NULL CHECK (half_term BETWEEN 1 AND 6),
    from_on   date NOT NULL CHECK (from_on >= make_date(left(from_year, 4)::integer, 9, 1)),
    to_on     date NOT NULL CHECK (to_on <= make_date(left(from_year, 4)::integer + 1, 8, 31)),
    PRIMARY KEY (from_year, half_term),
    CHECK (to_on >= from_on),
    EXCLUDE USING gist (daterange(from_on, to_on, '[]') WITH &&)
);
INSERT INTO half_term_policies (from_year, half_term, from_on, to_on)
VALUES ('2024/25', 1, '2024-09-02', '2024-10-25'),
       ('2024/25', 2, '2024-11-04', '2024-12-20'),
       ('2024/25', 3, '2025-01-06', '2025-02-14'),
       ('2024/25', 4, '2025-02-24', '2025-04-11'),
       ('2024/25', 5, '2025-04-28', '2025-05-23'),
       ('2024/25', 6, '2025-06-02', '2025-07-22'),
       ('2025/26', 1, '2025-09-01', '2025-10-24'),
       ('2025/26', 2, '2025-11-03', '2025-12-19'),
       ('2025/26', 3, '2026-01-05', '2026-02-13'),
       ('2025/26', 4, '2026-02-23', '2026-03-27'),
       ('2025/26', 5, '2026-04-13', '2026-05-22'),
       ('2025/26', 6, '2026-06-01', '2026-07-21'),
       ('2026/27', 1, '2026-09-03', '2026-10-23'),
       ('2026/27', 2, '2026-11-02', '2026-12-18'),
       ('2026/27', 3, '2027-01-04', '2027-02-12'),
       ('2026/27', 4, '2027-02-22', '2027-03-25'),
       ('2026/27', 5, '2027-04-12', '2027-05-28'),
       ('2026/27', 6, '2027-06-07', '2027-07-21');
