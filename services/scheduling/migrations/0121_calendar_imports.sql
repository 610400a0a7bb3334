-- What each import of calendars found. Row numbers as a spreadsheet shows them; what a row says is not kept.

CREATE TABLE calendar_imports (
    id          uuid PRIMARY KEY,
    file_name   text NOT NULL,
    imported_at timestamptz NOT NULL,
    imported_by text NOT NULL,
    calendars   integer NOT NULL,
    added       integer NOT NULL,
    changed     integer NOT NULL,
    unchanged   integer NOT NULL,
    removed     integer NOT NULL,
    quarantined integer NOT NULL
);

CREATE TABLE calendar_quarantine (
    import_id  uuid NOT NULL REFERENCES calendar_imports,
    row_number integer NOT NULL,
    whose      text,
    reason     text NOT NULL,
    PRIMARY KEY (import_id, row_number)
);
