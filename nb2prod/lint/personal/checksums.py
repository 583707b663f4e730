"""Checksums of numbers that identify people: each takes the text as it stands and says whether it holds."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import date

from nb2prod.lint.personal.table import personal_table

_CARD = re.compile(
    r"4\d{12}(?:\d{3})?|5[1-5]\d{14}|2(?:2[2-9]|[3-6]\d|7[01])\d{13}|3[47]\d{13}|6(?:011|5\d\d)\d{12}|35\d{14}"
)
_VERHOEFF_D = (
    *((0, 1, 2, 3, 4, 5, 6, 7, 8, 9), (1, 2, 3, 4, 0, 6, 7, 8, 9, 5), (2, 3, 4, 0, 1, 7, 8, 9, 5, 6)),
    *((3, 4, 0, 1, 2, 8, 9, 5, 6, 7), (4, 0, 1, 2, 3, 9, 5, 6, 7, 8), (5, 9, 8, 7, 6, 0, 4, 3, 2, 1)),
    *((6, 5, 9, 8, 7, 1, 0, 4, 3, 2), (7, 6, 5, 9, 8, 2, 1, 0, 4, 3), (8, 7, 6, 5, 9, 3, 2, 1, 0, 4)),
    (9, 8, 7, 6, 5, 4, 3, 2, 1, 0),
)
_VERHOEFF_P = (
    *((0, 1, 2, 3, 4, 5, 6, 7, 8, 9), (1, 5, 7, 6, 2, 8, 3, 0, 9, 4), (5, 8, 0, 3, 7, 9, 6, 1, 4, 2)),
    *((8, 9, 1, 6, 0, 4, 3, 5, 2, 7), (9, 4, 5, 3, 1, 2, 6, 8, 7, 0), (4, 2, 8, 6, 5, 7, 3, 9, 0, 1)),
    *((2, 7, 9, 3, 8, 0, 6, 4, 1, 5), (7, 0, 4, 6, 9, 1, 3, 2, 5, 8)),
)
_ODD = dict(zip("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ", (
    *(1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 1, 0, 5, 7, 9, 13, 15, 17, 19, 21),
    *(2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23),
), strict=True))  # fmt: skip


def _digits(text: str) -> list[int]:
    return [int(character) for character in text if character.isdecimal()]


def _weighted(digits: Iterable[int], weights: Iterable[int]) -> int:
    return sum(digit * weight for digit, weight in zip(digits, weights, strict=False))


def luhn(text: str) -> bool:
    """Luhn's sum, of cards and many national numbers; a row of one digit does not count."""
    digits = _digits(text)
    doubled = [2 * digit - 9 * (digit > 4) for digit in digits[-2::-2]]
    return len(set(digits)) > 1 and (sum(digits[-1::-2]) + sum(doubled)) % 10 == 0


def card(text: str) -> bool:
    """A payment card's number, by its first digits and Luhn's sum; none that is published for tests."""
    number = re.sub(r"\D", "", text)
    return (
        bool(_CARD.fullmatch(number)) and number not in personal_table().cards and len(set(number)) > 4 and luhn(number)
    )


def iban(text: str) -> bool:
    """ISO 13616, modulo 97; not the samples of documentation."""
    plain = text.replace(" ", "")
    moved = plain[4:] + plain[:4]
    number = "".join(str(int(character, 36)) for character in moved)
    samples = {
        "DE89370400440532013000",
        "GB82WEST12345698765432",
        "GB29NWBK60161331926819",
        "FR1420041010050500013M02606",
        "NL91ABNA0417164300",
    }
    return len(plain) >= 15 and plain not in samples and int(number) % 97 == 1


def ssn(text: str) -> bool:
    """No checksum: only not one of the numbers that were printed on advertisements."""
    return text not in {"078-05-1120", "219-09-9999", "123-45-6789", "987-65-4321"} and len(set(_digits(text))) > 2


def cpf(text: str) -> bool:
    """Brazil: two check digits modulo 11."""
    digits = _digits(text)
    checks = [_weighted(digits, range(size, 1, -1)) * 10 % 11 % 10 for size in (10, 11)]
    return len(set(digits)) > 1 and digits[9:] == checks and digits[:9] != list(range(1, 10))


def codice_fiscale(text: str) -> bool:
    """Italy: the last letter from the fifteen before it."""
    even = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    value = [even.index(one) if one.isdigit() else even.index(one) - 10 for one in text]
    total = sum(_ODD[one] for one in text[:15:2]) + sum(value[1:15:2])
    return chr(ord("A") + total % 26) == text[15]


def dni(text: str) -> bool:
    """Spain: the letter from the number modulo 23."""
    plain = text.replace("-", "")
    number = plain[:-1].translate(str.maketrans("XYZ", "012"))
    return "TRWAGMYFPDXBNJZSQVHLCKE"[int(number) % 23] == plain[-1] and number != "12345678"


def nir(text: str) -> bool:
    """France: the key is 97 minus the rest modulo 97."""
    plain = text.replace(" ", "").replace("2A", "19").replace("2B", "18")
    return plain.isdigit() and 97 - int(plain[:13]) % 97 == int(plain[13:])


def pesel(text: str) -> bool:
    """Poland: weights 1 3 7 9, and a date of birth."""
    digits = _digits(text)
    return (
        -_weighted(digits[:10], (1, 3, 7, 9, 1, 3, 7, 9, 1, 3)) % 10 == digits[10]
        and 1 <= digits[2] % 2 * 10 + digits[3] <= 12
    )


def bsn(text: str) -> bool:
    """The Netherlands: the test of eleven."""
    digits = _digits(text)
    return len(set(digits)) > 2 and _weighted(digits, (9, 8, 7, 6, 5, 4, 3, 2, -1)) % 11 == 0


def steuer_id(text: str) -> bool:
    """Germany: ISO 7064 modulo 11, 10; one digit stands two or three times among the first ten."""
    digits = _digits(text)
    rest = 10
    for digit in digits[:10]:
        rest = ((digit + rest) % 10 or 10) * 2 % 11
    return 7 < len(set(digits[:10])) < 10 and (11 - rest) % 10 == digits[10]


def personnummer(text: str) -> bool:
    """Sweden: Luhn's sum over the last ten digits."""
    return luhn("".join(str(digit) for digit in _digits(text)[-10:]))


def aadhaar(text: str) -> bool:
    """India: Verhoeff's scheme."""
    check = 0
    for place, digit in enumerate(reversed(_digits(text))):
        check = _VERHOEFF_D[check][_VERHOEFF_P[place % 8][digit]]
    return check == 0


def resident_id(text: str) -> bool:
    """China: ISO 7064 modulo 11, 2, and a date that there is."""
    try:
        date(int(text[6:10]), int(text[10:12]), int(text[12:14]))
    except ValueError:
        return False
    total = _weighted((int(one) for one in text[:17]), (pow(2, 17 - place, 11) for place in range(17)))
    return "10X98765432"[total % 11] == text[17].upper()


def phone(text: str) -> bool:
    """No checksum: only not one of the numbers that are kept free for films, nor a row of one digit."""
    digits = re.sub(r"\D", "", text)
    return "555" not in text and 10 <= len(digits) <= 15 and len(set(digits)) > 4 and "123456" not in digits


CHECKSUMS: dict[str, Callable[[str], bool]] = {
    one.__name__: one
    for one in (
        *(luhn, card, iban, ssn, cpf, codice_fiscale, dni, nir, pesel, bsn),
        *(steuer_id, personnummer, aadhaar, resident_id, phone),
    )
}
