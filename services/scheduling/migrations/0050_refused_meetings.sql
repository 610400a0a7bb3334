-- Which meetings were refused, and in which Work Group: a move of one is refused at once and waits for nothing.

CREATE TABLE refused_meetings (
    id            uuid PRIMARY KEY,
    work_group_id uuid NOT NULL
);
