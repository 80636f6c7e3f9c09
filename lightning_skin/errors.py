"""The one exception that means: the input is wrong, not the program."""


class InputError(ValueError):
    """What the user gave cannot be used.

    The message is one sentence that names the file, key or value and says what to do about it; the
    command line prints it without a traceback.
    """
