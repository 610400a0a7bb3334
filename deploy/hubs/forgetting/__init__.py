"""A person is forgotten everywhere, and every store is searched for them afterwards.

Their name and address are remembered only by the process that forgets them, for as long as it searches.
"""
