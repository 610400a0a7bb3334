-- Two records of one person: the duplicate's says which one stays, which was merged into none itself.

ALTER TABLE people
    ADD COLUMN merged_into uuid REFERENCES people CHECK (merged_into <> person_id);
CREATE INDEX people_merged ON people (merged_into) WHERE merged_into IS NOT NULL;
