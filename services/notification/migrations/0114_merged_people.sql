-- Records of one person: what they said of their mail holds for each of them.

CREATE TABLE merged_people (
    person_id uuid PRIMARY KEY,
    into_id   uuid NOT NULL CHECK (into_id <> person_id)
);
CREATE INDEX merged_people_into ON merged_people (into_id);
