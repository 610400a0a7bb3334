-- What Kafka refuses is kept apart from what is due; places in Kafka know the cluster in which they mean something.

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
ALTER TABLE parked ADD COLUMN cluster text NOT NULL DEFAULT '',
    DROP CONSTRAINT parked_consumer_topic_part_offset_key,
    ADD UNIQUE (consumer, cluster, topic, part, "offset");
ALTER TABLE dead_letters ADD COLUMN cluster text NOT NULL DEFAULT '',
    DROP CONSTRAINT dead_letters_consumer_topic_part_offset_key,
    ADD UNIQUE (consumer, cluster, topic, part, "offset");
