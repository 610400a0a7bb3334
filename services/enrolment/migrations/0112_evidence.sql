-- What scheduling said of held meetings and of who came, and which schools were said to have completed their stage.

CREATE TABLE held_meetings (
    meeting_id    uuid PRIMARY KEY,
    work_group_id uuid NOT NULL,
    held_on       date NOT NULL
);
CREATE INDEX held_meetings_by_group ON held_meetings (work_group_id);

-- One row to a person and meeting: a higher revision supersedes what was said before.
CREATE TABLE attendance (
    meeting_id    uuid NOT NULL,
    person_id     uuid NOT NULL,
    work_group_id uuid NOT NULL,
    status        text NOT NULL,
    revision      integer NOT NULL CHECK (revision > 0),
    PRIMARY KEY (meeting_id, person_id)
);
CREATE INDEX attendance_by_group ON attendance (work_group_id);

CREATE TABLE completed_stages (
    work_group_id uuid NOT NULL REFERENCES work_groups,
    school_urn    text NOT NULL,
    is_questioned boolean NOT NULL,
    PRIMARY KEY (work_group_id, school_urn)
);
