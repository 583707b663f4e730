"""Personal data in text.

`checksums` for numbers that carry one, `values` for what stands in outputs, `columns` for names.

Silence is better than a guess: a number counts when its checksum holds and its form or a word beside it says what it
is; addresses and phone numbers count in numbers greater than one, and not when they are public samples.
"""
