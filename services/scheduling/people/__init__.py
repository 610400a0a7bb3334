"""People who were erased: their links open nothing more, and no bytes of theirs are kept.

Scheduling's own tables hold ids alone. What a hub sent that waits or could not be read may hold anything.
"""
