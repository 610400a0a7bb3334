-- Who was erased before the plumbing remembered it. The table of old goes in a later release; nothing reads it now.

INSERT INTO stones (person_id, erased_at)
SELECT person_id, erased_at
  FROM erased_people
    ON CONFLICT (person_id) DO NOTHING;
