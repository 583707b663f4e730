"""Personal data by value: numbers whose checksum holds, one digit further none."""

from __future__ import annotations

import pytest

from nb2prod.lint.personal.checksums import CHECKSUMS
from nb2prod.lint.personal.columns import is_personal_column
from nb2prod.lint.personal.table import personal_table
from nb2prod.lint.personal.values import find_personal

_NUMBERS = [
    ("credit card number", "{}", "4539 1488 0343 6467"),
    ("credit card number", "card number {}", "4539148803436467"),
    ("IBAN", "{}", "DE75 5121 0800 1245 1261 99"),
    ("US social security number", "ssn {}", "536-90-4399"),
    ("Brazilian CPF", "{}", "529.982.247-25"),
    ("Italian tax code", "{}", "MRTMTT91D08F205J"),
    ("Spanish DNI or NIE", "dni {}", "54362315K"),
    ("French social security number", "NIR {}", "2 55 08 14 168 025 38"),
    ("Polish PESEL", "PESEL {}", "44051401359"),
    ("Dutch BSN", "BSN {}", "111222333"),
    ("German tax id", "Steuer-ID {}", "86095742719"),
    ("Swedish personal number", "personnummer {}", "811218-9876"),
    ("Aadhaar number", "Aadhaar {}", "2341 2341 2346"),
    ("Canadian social insurance number", "social insurance {}", "046 454 286"),
    ("Chinese resident number", "{}", "11010519491231002X"),
]


@pytest.mark.parametrize(("kind", "around", "number"), _NUMBERS)
def test_a_number_counts_when_its_checksum_holds(kind, around, number):
    assert find_personal(around.format(number)).get(kind) == [number]
    digit = next(at for at, one in reversed(list(enumerate(number[:-1]))) if one.isdigit())
    wrong = number[:digit] + str((int(number[digit]) + 1) % 10) + number[digit + 1 :]
    if kind != "US social security number":
        assert kind not in find_personal(around.format(wrong))
    form = next(one for one in personal_table().values if one.name == kind)
    assert not form.near or kind not in find_personal(number), "without the word beside it"


def test_every_checksum_of_the_table_is_there():
    assert {form.checksum for form in personal_table().values} - {""} <= CHECKSUMS.keys()


@pytest.mark.parametrize(
    ("name", "personal"),
    [
        *(("SSN", True), ("dateOfBirth", True), ("e-mail", True), ("Phone_Number", True), ("email2", True)),
        *(("PhoneService", False), ("email_length", False), ("Name", False), ("age", False), ("", False)),
    ],
)
def test_a_column_is_personal_by_its_whole_name(name, personal):
    assert is_personal_column(name) is personal
