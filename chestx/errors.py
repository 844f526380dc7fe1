"""The one error that a user is meant to see."""


class ChestxError(Exception):
    """What went wrong and how to mend it, in one line without a patient's data.

    The command line prints it on stderr and exits with status 1.
    """
