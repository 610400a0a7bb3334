-- Meetings as scheduling last told of them, and the ledger: what each person's calendar was last told of each meeting.

CREATE TABLE meetings (
    meeting_id uuid PRIMARY KEY,
    name       text NOT NULL,
    starts_at  timestamptz NOT NULL,
    ends_at    timestamptz NOT NULL,
    mode       text NOT NULL CHECK (mode IN ('face-to-face', 'online', 'hybrid')),
    place      text,
    is_held    boolean NOT NULL DEFAULT false
);

CREATE TABLE invitations (
    meeting_id uuid NOT NULL,
    person_id  uuid NOT NULL,
    uid        text NOT NULL UNIQUE,
    state      text NOT NULL CHECK (state IN ('invited', 'withdrawn')),
    sequence   integer NOT NULL CHECK (sequence >= -1),
    name       text,
    starts_at  timestamptz,
    ends_at    timestamptz,
    mode       text,
    place      text,
    PRIMARY KEY (meeting_id, person_id),
    CHECK (num_nulls(name, starts_at, ends_at, mode) IN (0, 4)),
    CHECK (sequence >= 0 OR name IS NULL)
);
CREATE INDEX invitations_by_person ON invitations (person_id);

-- A calendar that went back to an older SEQUENCE would keep what it was told last: the table refuses it.
CREATE FUNCTION sequence_only_rises() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF new.uid <> old.uid OR new.sequence < old.sequence THEN
        RAISE EXCEPTION 'the UID of an invitation is constant and its SEQUENCE only rises' USING ERRCODE = 'check_violation';
    END IF;
    RETURN new;
END
$$;
CREATE TRIGGER sequence_only_rises BEFORE UPDATE ON invitations FOR EACH ROW EXECUTE FUNCTION sequence_only_rises();
