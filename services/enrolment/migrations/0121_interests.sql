-- Schools that would take part, and the local authorities that each hub covers.

-- Several hubs may cover one authority, and an authority's code is not for ever: `until_on` is the last day.
CREATE TABLE hub_areas (
    hub                  text NOT NULL REFERENCES hubs,
    local_authority_code text NOT NULL CHECK (local_authority_code ~ '^[0-9]{3}$'),
    from_on              date NOT NULL,
    until_on             date CHECK (until_on >= from_on),
    PRIMARY KEY (hub, local_authority_code, from_on),
    EXCLUDE USING gist (hub WITH =, local_authority_code WITH =, daterange(from_on, until_on, '[]') WITH &&)
);

-- One interest in a programme and school year is to be answered; another in the same repeats it.
CREATE TABLE interests (
    interest_id  uuid PRIMARY KEY,
    hub          text NOT NULL,
    school_urn   text NOT NULL CHECK (school_urn ~ '^[0-9]{6}$'),
    contact_id   uuid NOT NULL,
    programme    text NOT NULL,
    school_year  text NOT NULL CHECK (school_year ~ '^20[0-9]{2}/[0-9]{2}$'),
    effective_at timestamptz NOT NULL,
    repeats      boolean NOT NULL,
    routed_to    text,
    note         text CHECK (length(note) <= 2000),
    CHECK ((routed_to IS NULL) = repeats)
);
CREATE UNIQUE INDEX interests_once ON interests (school_urn, programme, school_year) WHERE NOT repeats;
CREATE INDEX interests_by_contact ON interests (contact_id);

-- A hub writes names into it: the planner's statistics must hold no samples.
ALTER TABLE interests ALTER COLUMN note SET STATISTICS 0;
