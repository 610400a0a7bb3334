-- The half-term that a meeting counts for, as it was worked out when it was reported. In each a Work Group has one
-- meeting; what a hub reports all the same stands here as second. Two may change places in one transaction.

ALTER TABLE meetings
    ADD COLUMN half_term smallint CHECK (half_term BETWEEN 1 AND 6),
    ADD COLUMN second    boolean NOT NULL DEFAULT false,
    ADD CONSTRAINT meetings_once_in_a_half_term
        EXCLUDE USING gist (work_group_id WITH =, half_term WITH =) WHERE (NOT extra AND NOT second AND cancelled IS NULL)
        DEFERRABLE INITIALLY DEFERRED;
