-- What operators did to dead letters and parked keys, and why: the rows they did it to change again, or go.

CREATE TABLE operator_actions (
    seq      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    taken_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    taken_by text NOT NULL CHECK (taken_by <> ''),
    action   text NOT NULL CHECK (action IN ('show', 'retry', 'discard', 'release')),
    why      text,
    consumer text NOT NULL,
    topic    text NOT NULL,
    part     integer NOT NULL,
    "offset" bigint NOT NULL,
    CHECK (why <> '' OR action = 'show')
);
CREATE INDEX operator_actions_by_record ON operator_actions (consumer, topic, part, "offset");

DO $$
BEGIN
    EXECUTE format('REVOKE UPDATE, DELETE, TRUNCATE ON operator_actions FROM %I', replace(current_user, '_owner', '_app'));
END
$$;
