"""The demonstration: one half-term of three invented hubs, played on a real system and proved.

`scene` says what happens and what must come of it; `playing` makes it happen through clients and commands;
`ending` holds the running system against the scene; `telling` says what is seen.
"""
