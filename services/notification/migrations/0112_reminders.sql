-- Reminders: how long before a meeting, by the school year from which that holds; who wants none; and their mails.

CREATE TABLE reminder_policies (
    from_year   text NOT NULL CHECK (from_year ~ '^20[0-9]{2}/[0-9]{2}$'),
    days_before smallint NOT NULL CHECK (days_before BETWEEN 1 AND 60),
    PRIMARY KEY (from_year, days_before)
);
INSERT INTO reminder_policies (from_year, days_before) VALUES ('2014/15', 7), ('2014/15', 1);

-- Whoever has no row here wants reminders.
CREATE TABLE preferences (
    person_id  uuid PRIMARY KEY,
    reminders  boolean NOT NULL,
    changed_at timestamptz NOT NULL
);

-- A reminder is no revision of a calendar entry: it stands outside their order, and goes out on its day or not at all.
ALTER TABLE deliveries
    ALTER COLUMN revision DROP NOT NULL,
    ADD COLUMN days_before smallint,
    ADD COLUMN due_by timestamptz;
ALTER TABLE deliveries DROP CONSTRAINT deliveries_kind_check;
ALTER TABLE deliveries ADD CONSTRAINT deliveries_kind_check
    CHECK (kind IN ('invitation', 'change', 'withdrawal', 'cancellation', 'reminder'));
ALTER TABLE deliveries ADD CONSTRAINT deliveries_reminder_check
    CHECK (num_nonnulls(days_before, due_by) = CASE kind WHEN 'reminder' THEN 2 ELSE 0 END
           AND (revision IS NULL) = (kind = 'reminder'));
CREATE UNIQUE INDEX deliveries_reminder ON deliveries (meeting_id, person_id, starts_at, days_before)
    WHERE days_before IS NOT NULL;
CREATE INDEX deliveries_due_by ON deliveries (due_by) WHERE status = 'queued' AND due_by IS NOT NULL;
CREATE INDEX meetings_by_start ON meetings (starts_at) WHERE NOT is_held AND cancelled IS NULL;
