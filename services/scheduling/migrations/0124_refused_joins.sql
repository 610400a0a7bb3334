-- Which schools a Work Group did not take: a report of a visit to one is refused at once, and waits for no place.
-- What another hub than the group's own asked for, and was refused, says nothing of the group.

CREATE TABLE refused_joins (
    work_group_id uuid NOT NULL,
    hub           text NOT NULL,
    school_urn    text NOT NULL CHECK (school_urn ~ '^[0-9]{6}$'),
    PRIMARY KEY (work_group_id, hub, school_urn)
);
