-- Meetings that do not take place, with the code of why, and the mails that say so.

ALTER TABLE meetings ADD COLUMN cancelled text;

ALTER TABLE deliveries ADD COLUMN why text;
ALTER TABLE deliveries DROP CONSTRAINT deliveries_kind_check;
ALTER TABLE deliveries ADD CONSTRAINT deliveries_kind_check
    CHECK (kind IN ('invitation', 'change', 'withdrawal', 'cancellation'));
