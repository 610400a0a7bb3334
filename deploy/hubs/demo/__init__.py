"""The demonstration: a school year of an invented network, played on a real system and proved.

`network` says who there is and `script` what happens, both functions of a seed; `playing` makes it happen through
clients and commands; `oracle` works out what must come of it and `ending` holds the running system against that;
`telling` says what is seen.
"""
