-- Who was erased before the plumbing remembered it.

INSERT INTO stones (person_id, erased_at)
SELECT person_id, erased_at
  FROM people
 WHERE erased_at IS NOT NULL
    ON CONFLICT (person_id) DO NOTHING;
