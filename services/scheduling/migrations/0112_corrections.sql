-- Why a row of a register took the place of an earlier one; and only a meeting that was held has a register.

ALTER TABLE attendance
    ADD COLUMN reason text CHECK (reason IN ('register-mistake', 'arrived-late', 'left-early', 'wrong-person',
                                             'apologies-received', 'other')),
    ADD COLUMN held   boolean NOT NULL DEFAULT true CHECK (held);
ALTER TABLE meetings ADD CONSTRAINT meetings_by_whether_held UNIQUE (id, held);
ALTER TABLE attendance
    ADD CONSTRAINT attendance_of_held_meetings FOREIGN KEY (meeting_id, held) REFERENCES meetings (id, held);
