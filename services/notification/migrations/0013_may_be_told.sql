-- Queued is not told: what a person may have read of an entry is marked, and what waits is counted without the rest.

ALTER TABLE deliveries ADD COLUMN may_be_told boolean NOT NULL DEFAULT false;
UPDATE deliveries SET may_be_told = true WHERE status IN ('sent', 'unknown', 'sending') OR doubts > 0;

CREATE INDEX deliveries_not_done ON deliveries (status, queued_at)
    WHERE status IN ('waiting-for-address', 'queued', 'sending', 'unknown', 'failed', 'withheld');
