-- Meetings that do not take place, with the reason. Whoever was in one is free, and invited no more.

ALTER TABLE meetings
    ADD COLUMN cancelled text CHECK (cancelled IN ('snow', 'strike', 'illness', 'lead-unavailable', 'venue-unavailable',
                                                   'too-few', 'travel', 'other')),
    ADD CONSTRAINT meetings_are_held_or_cancelled CHECK (NOT (held AND cancelled IS NOT NULL));
