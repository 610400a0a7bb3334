-- What Kafka refuses is kept apart from what is due, and offsets know the Kafka in which they mean something.

CREATE TABLE refusals (
    topic  text NOT NULL,
    key    text NOT NULL, -- empty where the whole topic is refused
    why    text NOT NULL,
    since  timestamptz NOT NULL DEFAULT clock_timestamp(),
    tries  integer NOT NULL DEFAULT 1,
    try_at timestamptz NOT NULL,
    PRIMARY KEY (topic, key)
);
ALTER TABLE refusals ALTER COLUMN key SET STATISTICS 0;

UPDATE outbox SET refused_at = NULL, refused_why = NULL WHERE refused_at IS NOT NULL;
CREATE INDEX outbox_due ON outbox (lane, seq) WHERE refused_at IS NULL;

ALTER TABLE consumer_offsets ADD COLUMN cluster text NOT NULL DEFAULT '';
