"""A person is forgotten everywhere, and every store is searched for them afterwards.

Their name, address and number are remembered until no store holds them any more, and by nothing else then.
"""
