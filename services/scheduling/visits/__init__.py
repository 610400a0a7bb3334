"""Support visits to schools, and how many of the hours that their stage gives them are used up.

What a visit was about and what was agreed stays in this noun's table, since people write names into it.
"""
