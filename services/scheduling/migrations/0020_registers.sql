-- Attendance, true of the meeting's start and held to be true from recorded_at until superseded_at.
-- Who and what caused a row stands in the journal, in the line for its meeting, person and revision.

CREATE TABLE attendance (
    meeting_id    uuid NOT NULL REFERENCES meetings,
    person_id     uuid NOT NULL,
    revision      integer NOT NULL CHECK (revision > 0),
    status        text NOT NULL CHECK (status IN ('present', 'late', 'partial', 'apologies', 'absent')),
    mode          text CHECK (mode IN ('face-to-face', 'online', 'hybrid')),
    minutes       integer CHECK (minutes >= 0),
    expected      boolean NOT NULL,
    effective_at  timestamptz NOT NULL,
    recorded_at   timestamptz NOT NULL,
    superseded_at timestamptz,
    PRIMARY KEY (meeting_id, person_id, revision),
    CHECK (superseded_at >= recorded_at)
);
CREATE UNIQUE INDEX attendance_current ON attendance (meeting_id, person_id) WHERE superseded_at IS NULL;

-- Rows are added and closed, never changed and never taken out.
DO $$
BEGIN
    EXECUTE format('REVOKE UPDATE, DELETE, TRUNCATE ON attendance FROM %I', replace(current_user, '_owner', '_app'));
    EXECUTE format('GRANT UPDATE (superseded_at) ON attendance TO %I', replace(current_user, '_owner', '_app'));
END
$$;
