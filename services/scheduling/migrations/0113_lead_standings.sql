-- On which days somebody may lead, as enrolment said last. Of who stands not here nothing was ever said.

CREATE TABLE lead_standings (
    person_id uuid PRIMARY KEY,
    may_lead  datemultirange NOT NULL
);
