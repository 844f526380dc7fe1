"""The words of the `chestx` command: a file for each command, named as the command is."""
