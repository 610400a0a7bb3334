"""What an operator does to single records of one service, on its page and at the command line alike."""


class Problem(Exception):
    """What was asked for cannot be done; the message says why and what to do."""

    status = 1
    """With which a command ends."""


class Misuse(Problem):
    """Something was asked for that can never be done; correct the words."""

    status = 2
