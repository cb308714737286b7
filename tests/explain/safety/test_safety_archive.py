"""A zip from a stranger is checked before it is unpacked, and held to what it says."""

import io
import struct
import zipfile
import zlib

import pytest

from explain.errors import ModelError, TooLargeError, WhysureError
from explain.safety.archive import ArchiveLimits, read_archive

LEADS_OUT = "is a path that leads out of it. Pack only the model."
UNSOUND = "The file is not a sound ZIP archive. Pack it anew."


def packed(*members, method=zipfile.ZIP_DEFLATED):
    """A zip of (name or ZipInfo, content) pairs."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", method) as archive:
        for name, content in members:
            archive.writestr(name, content)
    return stream.getvalue()


def raw(name, stored, claimed, method=zipfile.ZIP_DEFLATED, crc=None):
    """A zip of one member that claims to unpack to `claimed` bytes, in both of its headers."""
    name = name.encode()
    crc = zlib.crc32(b"") if crc is None else crc
    local = struct.pack("<4s5H3L2H", b"PK\3\4", 20, 0, method, 0, 0, crc, len(stored), claimed, len(name), 0)
    entry = struct.pack(
        "<4s6H3L5H2L", b"PK\1\2", 20, 20, 0, method, 0, 0, crc, len(stored), claimed, len(name), 0, 0, 0, 0, 0, 0
    )
    body, directory = local + name + stored, entry + name
    return body + directory + struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, 1, 1, len(directory), len(body), 0)


def deflated(content):
    squeeze = zlib.compressobj(9, wbits=-15)
    return squeeze.compress(content) + squeeze.flush()


def link():
    entry = zipfile.ZipInfo("model.onnx")
    entry.create_system, entry.external_attr = 3, 0o120777 << 16
    return packed((entry, "/etc/passwd"))


def flagged(flag):
    """A zip whose members say that they are encrypted, in both headers."""
    content = bytearray(packed(("a", b"x")))
    content[6] |= flag
    content[content.index(b"PK\1\2") + 8] |= flag
    return bytes(content)


def overlapped():
    """Two names for one and the same data."""
    content = packed(("a", b"x" * 100), ("b", b"y" * 100))
    at = content.rindex(b"PK\1\2")
    return content[: at + 42] + struct.pack("<L", 0) + content[at + 46 :]


def big_directory():
    content = bytearray(packed(("a", b"x")))
    struct.pack_into("<L", content, content.rindex(b"PK\5\6") + 12, 2_000_000_000)
    return bytes(content)


def zip64(directory=None, at_byte=None):
    """The larger form, with what it says of its directory's bytes and where it says that its own end is."""
    content = packed(("a", b"x"))
    at = content.rindex(b"PK\5\6")
    size, start = struct.unpack_from("<LL", content, at + 12)
    end = struct.pack(
        "<4sQHHLLQQQQ", b"PK\6\6", 44, 45, 45, 0, 0, 1, 1, size if directory is None else directory, start
    )
    locator = struct.pack("<4sLQL", b"PK\6\7", 0, at if at_byte is None else at_byte, 1)
    return (
        content[:at] + end + locator + struct.pack("<4sHHHHLLH", b"PK\5\6", 0, 0, 65535, 65535, 2**32 - 1, 2**32 - 1, 0)
    )


def twice():
    return packed(("Model.onnx", b"a"), ("model.ONNX", b"b"))


BOMB = deflated(bytes(50_000_000))
SQUEEZED = packed(("a", bytes(50_000_000)))
ATTACKS = {
    "a path up": (packed(("../../model.onnx", b"x")), f"'../../model.onnx' in the ZIP archive {LEADS_OUT}"),
    "a path within up": (packed(("a/../../b", b"x")), f"'a/../../b' in the ZIP archive {LEADS_OUT}"),
    "an absolute path": (packed(("/etc/cron.d/x", b"x")), f"'/etc/cron.d/x' in the ZIP archive {LEADS_OUT}"),
    "a drive": (packed(("C:evil", b"x")), f"'C:evil' in the ZIP archive {LEADS_OUT}"),
    "a backslash": (packed(("..\\evil", b"x")), f"'..\\evil' in the ZIP archive {LEADS_OUT}"),
    "a long name": (
        packed(("a" * 300, b"x")),
        "A name in the ZIP archive is empty, too long or not printable. Pack it anew.",
    ),
    "a name of control codes": (
        packed(("a\x1b[2J", b"x")),
        "A name in the ZIP archive is empty, too long or not printable. Pack it anew.",
    ),
    "a name twice": (twice(), "'model.ONNX' is in the ZIP archive twice. Which one is meant?"),
    "a link": (link(), "'model.onnx' in the ZIP archive is a link or a device, not a file. Pack it anew."),
    "a password": (flagged(1), "The ZIP archive is protected by a password. Pack it without one."),
    "an unusual method": (
        packed(("a", b"x" * 100), method=zipfile.ZIP_LZMA),
        "The ZIP archive is packed in an unusual way. Pack it anew as a plain ZIP (deflate).",
    ),
    "a bomb": (
        SQUEEZED,
        f"The ZIP archive unpacks to {50_000_000 / len(SQUEEZED):,.0f} times its size, as no model does. Pack it anew.",
    ),
    "a bomb that claims little": (
        raw("a", BOMB, 1_000, crc=zlib.crc32(bytes(1_000))),
        UNSOUND,
    ),
    "a member that claims much": (
        raw("a", deflated(b"x"), 1_000, crc=zlib.crc32(b"x")),
        "'a' in the ZIP archive is not of the size that the archive says. Pack it anew.",
    ),
    "a claim of 4 GB": (
        raw("a", deflated(b"x"), 4_000_000_000),
        "'a' in the ZIP archive has 4,000 MB; at most 500 MB are read.",
    ),
    "many large members": (
        packed(*((f"m{at}", b"x" * 400_000) for at in range(3))),
        "The ZIP archive unpacks to 1 MB; at most 1 MB are read.",
    ),
    "members over one another": (
        overlapped(),
        "Members of the ZIP archive lie over one another, as in an attack. Pack it anew.",
    ),
    "a huge directory": (
        big_directory(),
        "The ZIP archive lists 2,000 MB of file names. Pack only the model.",
    ),
    "the form for large files, with a huge directory": (
        zip64(directory=3_000_000_000),
        "The ZIP archive lists 3,000 MB of file names. Pack only the model.",
    ),
    "the form for large files, its end elsewhere": (zip64(at_byte=0), UNSOUND),
    "the form for large files, its end nowhere": (zip64(at_byte=2**63), UNSOUND),
    "a wrong sum": (raw("a", deflated(b"x"), 1, crc=7), UNSOUND),
    "no archive": (b"not a zip", UNSOUND),
    "cut": (packed(("a", b"x" * 100))[:-30], UNSOUND),
    "nothing": (b"", UNSOUND),
}  # fmt: skip


@pytest.mark.parametrize(("content", "sentence"), ATTACKS.values(), ids=ATTACKS)
def test_a_harmful_archive_is_refused_with_what_is_wrong(content, sentence):
    limits = ArchiveLimits(total=1_000_000, ratio_from=0) if "1 MB" in sentence else ArchiveLimits()
    with pytest.raises(WhysureError) as caught:
        read_archive(content, limits=limits)
    assert str(caught.value) == sentence
    assert type(caught.value) is (
        TooLargeError if "at most" in sentence or "times" in sentence or "lists" in sentence else ModelError
    )


def test_the_form_for_large_files_is_read():
    assert read_archive(zip64()) == {"a": b"x"}


def test_thousands_of_small_members_are_read():
    found = read_archive(packed(*((f"trees/{at}.npy", b"") for at in range(25_000))))
    assert len(found) == 25_000


def test_a_sound_archive_is_read_from_bytes_and_from_a_file(tmp_path):
    content = packed(("model/card.json", b"{}"), ("model/model.onnx", b"x" * 1_000), ("other/", b""))
    (tmp_path / "model.zip").write_bytes(content)
    wanted = {"model/card.json": b"{}", "model/model.onnx": b"x" * 1_000}
    assert read_archive(content) == read_archive(tmp_path / "model.zip") == wanted


def test_only_what_is_wanted_is_read():
    content = packed(("a.onnx", b"x"), ("b.txt", b"y"))
    assert read_archive(content, lambda name: name.endswith(".onnx")) == {"a.onnx": b"x"}


def test_what_is_not_wanted_is_checked_all_the_same():
    with pytest.raises(ModelError, match="leads out"):
        read_archive(packed(("a.onnx", b"x"), ("../b", b"y")), lambda name: name == "a.onnx")


def test_zeros_of_a_small_file_are_no_bomb():
    assert read_archive(packed(("a", bytes(1_000_000)))) == {"a": bytes(1_000_000)}
