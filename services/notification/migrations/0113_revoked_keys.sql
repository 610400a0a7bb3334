-- API keys that are worth nothing any more: what a key says of itself is signed, but not that it was revoked.

CREATE TABLE revoked_keys (
    key_id uuid PRIMARY KEY
);
