-- Names and addresses, here alone; of somebody erased only a stone, so that no late record brings them back.

CREATE TABLE people (
    person_id uuid PRIMARY KEY,
    version   bigint NOT NULL,
    name      text,
    email     text,
    is_erased boolean NOT NULL DEFAULT false,
    CHECK (is_erased = (name IS NULL) AND is_erased = (email IS NULL))
);

-- The planner keeps no samples of what is personal.
ALTER TABLE people ALTER COLUMN name SET STATISTICS 0, ALTER COLUMN email SET STATISTICS 0;
