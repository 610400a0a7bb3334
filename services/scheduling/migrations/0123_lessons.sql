-- Open lessons and who watched them: a person once, others as often as they were told, up to a hundred in all.

CREATE TABLE lessons (
    id            uuid PRIMARY KEY,
    hub           text NOT NULL,
    school_urn    text NOT NULL CHECK (school_urn ~ '^[0-9]{6}$'),
    held_on       date NOT NULL,
    mode          text NOT NULL CHECK (mode IN ('face-to-face', 'online', 'hybrid')),
    work_group_id uuid REFERENCES work_groups
);

CREATE TABLE lesson_observers (
    lesson_id  uuid NOT NULL REFERENCES lessons,
    place      smallint NOT NULL CHECK (place BETWEEN 1 AND 100),
    person_id  uuid,
    school_urn text NOT NULL CHECK (school_urn ~ '^[0-9]{6}$'),
    PRIMARY KEY (lesson_id, place),
    UNIQUE (lesson_id, person_id)
);
