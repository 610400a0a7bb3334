-- Records of people that were merged, each with the one that stays.

CREATE TABLE aliases (
    person_id uuid PRIMARY KEY,
    into_id   uuid NOT NULL,
    CHECK (person_id <> into_id)
);
CREATE INDEX aliases_by_into ON aliases (into_id);
CREATE INDEX slots_by_person ON slots (person_id);
