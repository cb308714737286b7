"""Files are known by their content."""

import pytest

from explain.errors import TableError
from explain.tables.sniff import WANTED, decode, delimiter_of, kind_of


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"PAR1....", "parquet"),
        (b"PK\x03\x04....", "excel"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1..", "excel"),
        (b'{"a": 1}', "json"),
        (b'\n [{"a": 1}]', "json"),
        (b"ARROW1\x00\x00", "feather"),
        (b"<!DOCTYPE html><html>", "page"),
        (b"\n <html><body>", "page"),
        (b"<TABLE border=1>", "page"),
        (b"a,b\n1,2\n", "text"),
        ("a;b\n1;2".encode("utf-16"), "text"),
    ],
)
def test_the_kind_is_read_off_the_first_bytes(content, kind):
    assert kind_of(content) == kind


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", f"The file is empty. {WANTED}"),
        (b" \r\n\t ", f"The file is empty. {WANTED}"),
        (b"\x00\x00\x00", f"The file is empty. {WANTED}"),
        (b"%PDF-1.7", f"This is a PDF, not a table. {WANTED}"),
        (b"\x89PNG\r\n", f"This is a picture, not a table. {WANTED}"),
        (b"BZh91AY", f"This is a bzip2 archive, not a table. {WANTED}"),
        (b"7z\xbc\xaf\x27\x1c", f"This is a 7z archive, not a table. {WANTED}"),
    ],
)
def test_what_is_no_table_is_named(content, sentence):
    with pytest.raises(TableError) as caught:
        kind_of(content)
    assert str(caught.value) == sentence


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be", "cp1252"]
)
def test_every_usual_encoding_gives_the_same_text(encoding):
    text = "name;city\nJosé;Zürich\nAnna;Köln\n"
    decoded, _ = decode(text.encode(encoding))
    assert decoded == text


def test_the_encoding_is_named():
    assert decode("é".encode())[1] == "utf-8"
    assert decode("é".encode("utf-8-sig"))[1] == "utf-8"
    assert decode("aé,b\n1,2\n".encode("utf-16"))[1] == "utf-16"
    assert decode("naïve".encode("latin-1"))[1] == "latin-1"


def test_a_nul_byte_is_refused_with_its_line():
    with pytest.raises(TableError, match="Line 3 holds a NUL byte"):
        decode(b"a,b\n1,2\n3,\x004\n" + b"5,6\n" * 50)


def test_random_bytes_are_no_text():
    with pytest.raises(TableError, match="This is not a text file"):
        decode(bytes(range(1, 256)) * 4)


@pytest.mark.parametrize(
    ("text", "delimiter"),
    [
        ("a,b\n1,2\n", ","),
        ("a;b\n1,5;2,5\n", ";"),
        ("a\tb\n1\t2\n", "\t"),
        ("a|b\n1|2\n", "|"),
        ("only\n1\n2\n", ","),
        ('a,b\n"x;y;z",2\n"p;q;r",3\n', ","),
        ("a;b;c\n1,0;2,0;3,0\n4,0;5,0;6,0\n", ";"),
    ],
)
def test_the_delimiter_is_the_one_that_lines_agree_on(text, delimiter):
    assert delimiter_of(text) == delimiter


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"MZone,age\n1,2\n", "text"),
        (b"PAR1,PAR2\n1,2\n", "text"),
        (b"PAR1_ID,age\n1,2\n", "text"),
        (b"PAR1\x15\x04\x15", "parquet"),
        (b"[Amount],age\n1,2\n", "text"),
        (b"[ {", "json"),
        (b"[]", "json"),
        ('{"a": 1}'.encode("utf-16"), "json"),
        ('{"a": 1}'.encode("utf-16-le"), "json"),
    ],
)
def test_headers_that_look_like_something_else_are_still_tables(content, kind):
    assert kind_of(content) == kind


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (b"%PDF-1.4", "a PDF"),
        (b"\xef\xbb\xbf<?xml version", "an XML file"),
    ],
)
def test_a_page_saved_instead_of_a_table_is_named(content, name):
    with pytest.raises(TableError) as caught:
        kind_of(content)
    assert str(caught.value) == f"This is {name}, not a table. {WANTED}"


def test_a_cut_utf_16_file_says_where_it_ends():
    with pytest.raises(TableError) as caught:
        decode(b"\xff\xfea\x00,")
    assert str(caught.value) == "The file says that it is UTF-16, but byte 4 is not. Export it anew."


def test_a_broken_utf_8_file_with_a_mark_is_refused():
    with pytest.raises(TableError) as caught:
        decode(b"\xef\xbb\xbfa\xff")
    assert str(caught.value) == "The file says that it is UTF-8, but byte 4 is not. Export it anew."


def test_a_cell_longer_than_csv_takes_does_not_stop_the_sniffing():
    assert delimiter_of("a;b\n" + "x" * 12_000_000 + ";2\n") in {",", ";"}
