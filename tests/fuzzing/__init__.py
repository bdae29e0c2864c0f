"""Every parser of foreign bytes, fed with bytes that nobody meant.

``targets`` names the parsers and what each may raise, ``mutations`` spoils what is well formed,
``kept`` holds inputs that once did harm. ``python -m tests.fuzzing.guided TARGET`` lets atheris
search by coverage, where it is installed.
"""
