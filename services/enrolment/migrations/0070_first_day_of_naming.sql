-- The month, of the twelve before a school year, from whose first day teachers are named for its groups.
-- November is when interest in the year that follows is first expressed; hubs have named teachers from June on.

ALTER TABLE policies
    ADD COLUMN names_from_month smallint NOT NULL DEFAULT 11 CHECK (names_from_month BETWEEN 1 AND 12);
