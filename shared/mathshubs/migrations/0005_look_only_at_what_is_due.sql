-- A round that comes twice a second reads what is due, never all that waits.

CREATE INDEX parked_due ON parked (consumer, due_at, seq) WHERE state <> 'poisoned';
