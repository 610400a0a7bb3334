-- What a mail follows from, when the mail server took it, and fates that tell whose fault a failure is.

ALTER TABLE deliveries
    ADD COLUMN causation_id text,
    ADD COLUMN correlation_id text,
    ADD COLUMN traceparent text,
    ADD COLUMN taken_at timestamptz;
ALTER TABLE deliveries DROP CONSTRAINT deliveries_status_check;
ALTER TABLE deliveries ADD CONSTRAINT deliveries_status_check
    CHECK (status IN ('waiting-for-address', 'queued', 'sending', 'sent', 'unknown', 'expired', 'failed', 'withheld',
                      'superseded', 'dropped', 'faulted', 'suppressed', 'bounced', 'undelivered', 'unsubscribed'));
CREATE INDEX deliveries_put_off ON deliveries (starts_at) WHERE status = 'queued' AND deferrals > 0;
CREATE INDEX deliveries_in_order ON deliveries (queued_at, delivery_id);

-- Addresses that take no mail, as keyed hashes alone; and who has none but such a one.
CREATE TABLE suppressed_addresses (
    mark  bytea PRIMARY KEY,
    by    text NOT NULL CHECK (by IN ('mail-server', 'bounce', 'not-an-address')),
    since timestamptz NOT NULL
);
CREATE TABLE unreachable_people (
    person_id uuid PRIMARY KEY,
    mark      bytea NOT NULL
);

DROP INDEX deliveries_not_done;
CREATE INDEX deliveries_not_done ON deliveries (status, queued_at)
    WHERE status IN ('waiting-for-address', 'queued', 'sending', 'unknown', 'failed', 'withheld', 'faulted',
                     'suppressed', 'bounced', 'undelivered');
