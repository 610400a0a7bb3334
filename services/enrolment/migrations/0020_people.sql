-- People whom hubs report: the one table of enrolment that holds names, addresses and teacher reference numbers.

CREATE TABLE people (
    person_id  uuid PRIMARY KEY,
    hub        text NOT NULL,
    name       text CHECK (name <> ''),
    email      text CHECK (email <> ''),
    trn        text CHECK (trn ~ '^[0-9]{7}$'),
    school_urn text CHECK (school_urn ~ '^[0-9]{6}$'),
    roles      text[] NOT NULL,
    version    integer NOT NULL CHECK (version > 0),
    erased_at  timestamptz,
    -- Who was erased is a stone: that the id was somebody's, whose, and since when it is nobody's.
    CHECK (CASE WHEN erased_at IS NULL
                THEN name IS NOT NULL AND email IS NOT NULL
                ELSE num_nonnulls(name, email, trn, school_urn) = 0 AND roles = '{}' END)
);

-- The planner's statistics must hold no samples of what people are called.
ALTER TABLE people
    ALTER COLUMN name SET STATISTICS 0,
    ALTER COLUMN email SET STATISTICS 0,
    ALTER COLUMN trn SET STATISTICS 0;
