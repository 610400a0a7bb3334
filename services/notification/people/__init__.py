"""People: their names and addresses as `people.current` has them, and a stone for each who was erased.

An older record never replaces a newer one, and no record brings an erased person back.
"""
