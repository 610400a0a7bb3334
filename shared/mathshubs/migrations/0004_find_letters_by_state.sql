-- Dead letters stay for ever; who looks for those that somebody must deal with does not read them all.

CREATE INDEX dead_letters_to_retry ON dead_letters (consumer, id) WHERE state = 'retrying';
CREATE INDEX dead_letters_open ON dead_letters (consumer) WHERE state = 'dead';
