"""Writes archives that have to be refused into the directory argv[1], and prints for each its name and what the error
has to say, separated by a tab: the entry's name, as it is shown."""

import bz2
import gzip
import io
import lzma
import os
import struct
import sys
import tarfile
import zlib

directory = sys.argv[1]


def save(name, data, entry):
    with open(os.path.join(directory, name), "wb") as file:
        file.write(data)
    print(name, entry, sep="\t")


# --- zip, byte by byte ---

def member(name, data=b"x", *, mode=0o100644, system=3, method=0, local_name=None, local=None, central=None, flags=0,
           extra=b"", crc=None, size=None, packed=None):
    """A member as (local record, central record without its offset)."""
    raw = name.encode() if isinstance(name, str) else name
    if any(byte > 127 for byte in raw) and isinstance(name, str):
        flags |= 0x800
    body = data
    if method == 8:
        packer = zlib.compressobj(9, zlib.DEFLATED, -15)
        body = packer.compress(data) + packer.flush()
    sum_ = zlib.crc32(data) if crc is None else crc
    length = len(data) if size is None else size
    stored = len(body) if packed is None else packed
    first = raw if local_name is None else local_name
    head = struct.pack("<HHHHHIIIHH", 20, flags, method, 0, 33, sum_, stored, length, len(first), len(extra))
    fields = dict(version=20, flags=flags, method=method, crc=sum_, packed=stored, size=length)
    fields.update(central or {})
    tail = struct.pack(
        "<BBHHHHHIIIHHHHHI", 20, system, fields["version"], fields["flags"], fields["method"], 0, 33, fields["crc"],
        fields["packed"], fields["size"], len(raw), len(extra), 0, 0, 0, mode << 16)
    record = b"PK\3\4" + head + first + extra + body
    return (local(record) if local else record), tail, raw + extra


def archive(*members, offsets=None, count=None, comment=b"", size=None, start=b"", moved=0):
    out, central = bytearray(start), bytearray()
    for index, (record, tail, name) in enumerate(members):
        offset = (offsets or {}).get(index, len(out) - moved)
        central += b"PK\1\2" + tail + struct.pack("<I", offset) + name
        out += record
    place = len(out) - moved
    number = len(members) if count is None else count
    out += central + b"PK\5\6" + struct.pack(
        "<HHHHIIH", 0, 0, number & 0xFFFF, number & 0xFFFF, len(central) if size is None else size, place, len(comment))
    return bytes(out + comment)


good = member("first", b"1")
link = lambda name, target: member(name, target.encode(), mode=0o120777)


def bomb(name, size):
    """A member of that many MiB of zeros, packed once."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    packer.compress(bytes(1 << 20))
    packer.flush(zlib.Z_FULL_FLUSH)
    piece = packer.compress(bytes(1 << 20)) + packer.flush(zlib.Z_FULL_FLUSH)
    body = piece * size + packer.flush()
    record, tail, raw = member(name, body, method=0, size=size << 20)
    patch = lambda data, place: data[:place] + struct.pack("<H", 8) + data[place + 2:]
    return patch(record, 8), patch(tail, 6), raw


ZIPS = {
    "parent": (archive(good, member("../evil")), "../evil"),
    "parent-inside": (archive(good, member("a/b/../../../evil")), "a/b/../../../evil"),
    "parent-directory": (archive(good, member("../evil/", b"", mode=0o40755)), "../evil/"),
    "absolute": (archive(good, member("/tmp/buildspec-evil")), "/tmp/buildspec-evil"),
    "absolute-twice": (archive(good, member("//tmp/buildspec-evil")), "//tmp/buildspec-evil"),
    "backslashes": (archive(good, member("..\\..\\evil", system=0)), "evil"),
    "nul": (archive(good, member(b"nul\0/../evil")), "nul"),
    "escape": (archive(good, member("red\33[31m")), "red\\u{1b}[31m"),
    "empty-name": (archive(good, member("")), "empty"),
    "dot-name": (archive(good, member(".")), "."),
    "link-absolute": (archive(good, link("l", "/etc/passwd")), "l"),
    "link-parent": (archive(good, link("d/l", "../../evil")), "d/l"),
    "link-then-file": (archive(good, link("l", "/tmp"), member("l/buildspec-evil")), "l"),
    "link-chain": (archive(good, link("a/b/d", "../.."), link("a/b/e", "d/../..")), "a/b/e"),
    "link-empty": (archive(good, link("l", "")), "l"),
    "link-nul": (archive(good, link("l", "a\0b")), "l"),
    "link-long": (archive(good, link("l", "x/" * 3000)), "l"),
    "same-name": (archive(good, member("twin"), member("twin", b"y")), "twin"),
    "same-name-dots": (archive(good, member("twin"), member("./twin", b"y")), "twin"),
    "file-as-directory": (archive(good, member("f"), member("f/x")), "f/x"),
    "directory-as-file": (archive(good, member("f/x"), member("f")), "f"),
    "device": (archive(good, member("dev", b"", mode=0o20644)), "dev"),
    "fifo": (archive(good, member("pipe", b"", mode=0o10644)), "pipe"),
    "socket": (archive(good, member("sock", b"", mode=0o140644)), "sock"),
    "overlap": (archive(good, member("one", b"a" * 50), member("two", b"a" * 50), offsets={2: 33}), "two"),
    "shared-content": (archive(member("one", b"a" * 50), member("two", b"a" * 50), offsets={1: 0}), "two"),
    "two-names": (archive(good, member("harmless", local_name=b"evil")), "harmless"),
    "two-names-parent": (archive(good, member("harmless", local_name=b"../evil")), "harmless"),
    "two-sizes": (archive(good, member("sizes", b"abc", central=dict(size=7))), "sizes"),
    "two-sizes-packed": (archive(good, member("sizes", b"a" * 100, method=8, central=dict(size=1 << 20))), "sizes"),
    "two-sizes-wide": (archive(good, member(
        "wide", b"a" * 50, central=dict(size=0xFFFFFFFF), extra=struct.pack("<HHQ", 1, 8, 10))), "wide"),
    "two-sizes-wide-packed": (archive(good, member(
        "wide", b"a" * 50, central=dict(size=0xFFFFFFFF, packed=0xFFFFFFFF),
        extra=struct.pack("<HHQQ", 1, 16, 10, 10))), "wide"),
    "two-sizes-wide-local": (archive(good, member(
        "wide", b"a" * 50, size=0xFFFFFFFF, central=dict(size=50), extra=struct.pack("<HHQ", 1, 8, 10))), "wide"),
    "wide-twice": (archive(good, member(
        "wide", b"a" * 50, central=dict(size=0xFFFFFFFF), extra=struct.pack("<HHQHHQ", 1, 8, 50, 1, 8, 10))), "wide"),
    "two-methods": (archive(good, member("methods", b"abc", central=dict(method=8))), "methods"),
    "wrong-crc": (archive(good, member("sum", b"abc", crc=1)), "sum"),
    "wrong-size": (archive(good, member("short", b"a" * 100, method=8, size=10)), "short"),
    "size-too-large": (archive(good, member("long", b"a" * 100, method=8, size=1000)), "long"),
    "beyond-the-end": (archive(good, member("far", packed=1 << 24, size=1 << 24)), "far"),
    "offset-beyond": (archive(good, member("far"), offsets={1: 1 << 30}), "far"),
    "bomb": (archive(good, bomb("zeros", 400)), "zeros"),
    "bomb-by-word": (archive(good, member("zeros", b"", size=0xFFFFFFFE, packed=0)), "zeros"),
    "terabytes": (archive(good, member("zeros", b"", size=0xFFFFFFFF, packed=0xFFFFFFFF, extra=struct.pack(
        "<HHQQ", 1, 16, 1 << 45, 1))), "zeros"),
    "encrypted": (archive(good, member("locked", b"x" * 20, flags=1)), "locked"),
    "unknown-method": (archive(good, member("strange", b"x" * 20, method=77)), "strange"),
    "name-too-long": (archive(good, member("n" * 300)), "n" * 200),
    "path-too-long": (archive(good, member("p/" * 2500 + "x")), "p/p/p"),
    "too-deep": (archive(good, member("d/" * 200 + "x")), "d/d/d"),
    "fewer-than-said": (archive(good, count=3), ""),
    "more-than-said": (archive(good, member("hidden"), count=1), ""),
    "directory-size": (archive(good, size=1 << 30), ""),
    "cut": (archive(good, member("rest", b"abc" * 1000))[:-1500], ""),
    "directory-with-content": (archive(good, member("d/", b"secret")), "d/"),
    "directory-by-mode": (archive(good, member("plain", b"secret", mode=0o40755)), "plain"),
    "two-names-accent": (archive(good, member("\u00e9.txt", local_name=b"../../evil")), "\u00e9.txt"),
    "two-names-backslash": (archive(good, member("a\\b", local_name=b"evil")), "a\\b"),
    "link-nul-deflated": (archive(good, member("l", b"first\0/../../etc" * 3, mode=0o120777, method=8)), "l"),
    "not-utf8": (archive(good, member(b"bad\xff\xfename", flags=0x800)), "bad"),
    # Data before the archive, which the archive knows nothing of.
    "moved-sizes": (archive(good, member("sizes", b"abcdef", central=dict(size=3)), start=b"JUNK", moved=4), "sizes"),
    "moved-methods": (archive(good, member("methods", b"abc" * 50, method=8, central=dict(method=0)), start=b"JUNK",
                              moved=4), "methods"),
    "moved-link-nul": (archive(good, link("l", "first\0/../../etc"), start=b"JUNK", moved=4), "l"),
    "moved-two-directories": (archive(good, start=archive(member("other")), moved=len(archive(member("other")))), ""),
}
for name, (data, entry) in ZIPS.items():
    save(name + ".zip", data, entry)


# --- tar ---

def spoilt(data, place, change=1):
    data = bytearray(data)
    data[place] ^= change
    return bytes(data)


def tar(*entries, format=tarfile.PAX_FORMAT, compress=lambda data: data):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=format) as file:
        for name, kind, data, more in [("first", tarfile.REGTYPE, b"1", {}), *entries]:
            info = tarfile.TarInfo(name)
            info.type, info.size = kind, len(data)
            for key, value in more.items():
                setattr(info, key, value)
            file.addfile(info, io.BytesIO(data))
    return compress(out.getvalue())


def file(name, data=b"x", **more):
    return name, tarfile.REGTYPE, data, more


def symlink(name, target):
    return name, tarfile.SYMTYPE, b"", dict(linkname=target)


def hardlink(name, target):
    return name, tarfile.LNKTYPE, b"", dict(linkname=target)


def special(name, kind):
    return name, kind, b"", {}


TARS = {
    "parent.tar": (tar(file("../evil")), "../evil"),
    "absolute.tar": (tar(file("/tmp/buildspec-evil")), "/tmp/buildspec-evil"),
    "parent.tar.gz": (tar(file("a/../../evil"), compress=gzip.compress), "a/../../evil"),
    "parent.tar.bz2": (tar(file("a/../../evil"), compress=bz2.compress), "a/../../evil"),
    "parent.tar.xz": (tar(file("a/../../evil"), compress=lzma.compress), "a/../../evil"),
    "pax-path.tar": (tar(file("harmless", pax_headers={"path": "../evil"})), "../evil"),
    "pax-link.tar": (tar(("l", tarfile.SYMTYPE, b"", dict(linkname="x", pax_headers={"linkpath": "/etc"}))), "l"),
    "gnu-long.tar": (tar(file("../" + "x" * 200), format=tarfile.GNU_FORMAT), "../xxx"),
    "link-absolute.tar": (tar(symlink("l", "/etc")), "l"),
    "link-parent.tar": (tar(symlink("l", "..")), "l"),
    "link-then-file.tar": (tar(symlink("l", "/tmp"), file("l/buildspec-evil")), "l"),
    "link-inside-then-file.tar": (tar(symlink("l", "d"), file("d/x"), file("l/y")), "l"),
    "link-swap.tar": (tar(special("d", tarfile.DIRTYPE), symlink("d", "/tmp"), file("d/buildspec-evil")), "d"),
    "link-chain.tar": (tar(symlink("a/b/d", "../.."), symlink("a/b/e", "d/../..")), "a/b/e"),
    "hard-absolute.tar": (tar(hardlink("h", "/etc/passwd")), "h"),
    "hard-parent.tar": (tar(hardlink("h", "../evil")), "h"),
    "hard-to-link.tar": (tar(symlink("a/s", "../first"), hardlink("h", "a/s")), "h"),
    "hard-missing.tar": (tar(hardlink("h", "nothing")), "h"),
    "hard-content.tar": (tar(("h", tarfile.LNKTYPE, b"new", dict(linkname="first"))), "h"),
    "character-device.tar": (tar(special("dev", tarfile.CHRTYPE)), "dev"),
    "block-device.tar": (tar(special("dev", tarfile.BLKTYPE)), "dev"),
    "fifo.tar": (tar(special("pipe", tarfile.FIFOTYPE)), "pipe"),
    "same-name.tar": (tar(file("twin"), file("twin", b"y")), "twin"),
    "file-as-directory.tar": (tar(file("f"), file("f/x")), "f/x"),
    "too-deep.tar": (tar(file("d/" * 200 + "x")), "d/d/d"),
    "escape.tar": (tar(file("red\33[31m")), "red\\u{1b}[31m"),
    "cut.tar": (tar(file("rest", b"abc" * 1000))[:2500], "rest"),
}
for name, (data, entry) in TARS.items():
    save(name, data, entry)


def header(name, size, kind=b"0", link=b"", checksum=None):
    """A header of tar, whose numbers may be anything."""
    block = bytearray(512)
    block[0:len(name)] = name
    block[100:108], block[108:116], block[116:124] = b"0000644\0", b"0000000\0", b"0000000\0"
    block[124:136] = size
    block[136:148], block[148:156], block[156:157] = b"00000000000\0", b" " * 8, kind
    block[157:157 + len(link)] = link
    block[257:265] = b"ustar\00000"
    block[148:156] = b"%06o\0 " % (sum(block) if checksum is None else checksum)
    return bytes(block)


first = header(b"first", b"00000000001\0") + b"1".ljust(512, b"\0")
end = bytes(1024)
megabyte = gzip.compress(bytes(1 << 20))
save("bomb.tar.gz", gzip.compress(first + header(b"zeros", b"%011o\0" % (400 << 20))) + megabyte * 400
     + gzip.compress(end), "zeros")
save("negative-size.tar", first + header(b"minus", b"\xff" * 12) + end, "")
save("huge-size.tar", first + header(b"huge", b"\x80" + b"\0" * 3 + b"\x7f" + b"\xff" * 7) + end, "")
save("wrong-checksum.tar", first + header(b"sum", b"00000000001\0", checksum=1) + b"x".ljust(512, b"\0") + end, "")


def record(text):
    """A record of pax, which begins with its own length."""
    for length in range(len(text) + 3, len(text) + 9):
        if len(b"%d %s\n" % (length, text)) == length:
            return b"%d %s\n" % (length, text)


records = b"".join(map(record, [
    b"GNU.sparse.major=1", b"GNU.sparse.minor=0", b"GNU.sparse.realsize=999999999999999", b"GNU.sparse.name=vast"]))
save("sparse-bomb.tar", first + header(b"pax", b"%011o\0" % len(records), b"x") + records.ljust(512, b"\0")
     + header(b"GNUSparseFile.0/vast", b"%011o\0" % 512) + b"1\n999999999999998\n1\n".ljust(512, b"\0") + end, "vast")

# What nobody unpacks is read over, and has a size too.
dump = first + header(b"dumped/", b"%011o\0" % (400 << 20), b"D")
save("bomb-read-over.tar.gz", gzip.compress(dump) + megabyte * 400 + gzip.compress(end), "dumped")
save("bomb-behind-the-end.tar.gz", gzip.compress(first + end) + megabyte * 400, "its end")
save("twice.tar.xz", lzma.compress(lzma.compress(first + end)), "more than once")
save("sum.tar.gz", spoilt(gzip.compress(first + end), -8), "its end")
save("length.tar.gz", spoilt(gzip.compress(first + end), -4), "its end")
save("content.tar.gz", spoilt(gzip.compress(first + end, compresslevel=0), 15 + 512 + 10), "its end")
save("second-member.tar.gz", gzip.compress(first) + spoilt(gzip.compress(end), -8), "its end")
save("after-first.tar", first + header(b"minus", b"\xff" * 12) + end, "the entry after first")
