import Glibc

/// One entry of a zip archive as its headers tell it (APPNOTE.TXT 6.3.10, sections 4.3 to 4.5).
struct ZipRecord {
    enum Method: UInt16 {
        case stored = 0
        case deflated = 8
    }

    let name: EntryName
    /// Type and permissions, as in `st_mode`.
    let mode: UInt32
    let time: ZipTime
    var method = Method.stored
    var crc: UInt32 = 0
    var size: UInt64 = 0
    var packedSize: UInt64 = 0
    /// Where its local header is.
    var offset: UInt64 = 0
    /// Its sizes were not known when its local header was written, so that a data descriptor follows the
    /// content.
    var isStreamed = false
    /// A streamed entry that may become so large that its descriptor needs 64 bits.
    var reservesZip64 = false

    static let limit32 = UInt64(UInt32.max)
    /// Bytes of a header without the name, at most.
    static let longestHead = 96

    private var flags: UInt16 {
        (isStreamed ? 1 << 3 : 0) | (!name.isPlainASCII && name.isUTF8 ? 1 << 11 : 0)
    }

    private var needsZip64: Bool {
        reservesZip64 || size >= Self.limit32 || packedSize >= Self.limit32
    }

    private func versionNeeded(zip64: Bool) -> UInt16 {
        zip64 ? 45 : method == .deflated || mode & S_IFMT != S_IFREG ? 20 : 10
    }

    /// Appends what stands before the content.
    func appendLocalHeader(to bytes: inout [UInt8]) {
        bytes.append(littleEndian: UInt32(0x0403_4B50))
        bytes.append(littleEndian: versionNeeded(zip64: needsZip64))
        appendShared(to: &bytes)
        bytes.append(littleEndian: isStreamed ? 0 : crc)
        for value in [packedSize, size] {
            bytes.append(
                littleEndian: needsZip64 ? UInt32.max : isStreamed ? 0 : UInt32(truncatingIfNeeded: value))
        }
        bytes.append(littleEndian: UInt16(truncatingIfNeeded: name.bytes.count))
        bytes.append(littleEndian: UInt16((needsZip64 ? 20 : 0) + time.extraLength))
        bytes += name.bytes
        if needsZip64 {
            bytes.append(littleEndian: UInt16(0x0001))
            bytes.append(littleEndian: UInt16(16))
            bytes.append(littleEndian: isStreamed ? 0 : size)
            bytes.append(littleEndian: isStreamed ? 0 : packedSize)
        }
        time.appendExtraField(to: &bytes)
    }

    /// What stands after the content of a streamed entry.
    var dataDescriptor: [UInt8] {
        var bytes: [UInt8] = []
        bytes.append(littleEndian: UInt32(0x0807_4B50))
        bytes.append(littleEndian: crc)
        for value in [packedSize, size] {
            if needsZip64 {
                bytes.append(littleEndian: value)
            } else {
                bytes.append(littleEndian: UInt32(truncatingIfNeeded: value))
            }
        }
        return bytes
    }

    /// Appends what stands in the central directory.
    func appendCentralHeader(to bytes: inout [UInt8]) {
        let wide = [size, packedSize, offset].filter { $0 >= Self.limit32 }
        bytes.append(littleEndian: UInt32(0x0201_4B50))
        // Made by Unix, in the sense of version 4.5.
        bytes.append(littleEndian: UInt16(3 << 8 | 45))
        bytes.append(littleEndian: versionNeeded(zip64: needsZip64 || !wide.isEmpty))
        appendShared(to: &bytes)
        bytes.append(littleEndian: crc)
        bytes.append(littleEndian: UInt32(min(packedSize, Self.limit32)))
        bytes.append(littleEndian: UInt32(min(size, Self.limit32)))
        bytes.append(littleEndian: UInt16(truncatingIfNeeded: name.bytes.count))
        bytes.append(littleEndian: UInt16((wide.isEmpty ? 0 : 4 + 8 * wide.count) + time.extraLength))
        // No comment, first disk, no internal attributes.
        bytes.append(littleEndian: UInt32(0))
        bytes.append(littleEndian: UInt16(0))
        bytes.append(littleEndian: mode << 16)
        bytes.append(littleEndian: UInt32(min(offset, Self.limit32)))
        bytes += name.bytes
        if !wide.isEmpty {
            bytes.append(littleEndian: UInt16(0x0001))
            bytes.append(littleEndian: UInt16(8 * wide.count))
            for value in wide { bytes.append(littleEndian: value) }
        }
        time.appendExtraField(to: &bytes)
    }

    private func appendShared(to bytes: inout [UInt8]) {
        bytes.append(littleEndian: flags)
        bytes.append(littleEndian: method.rawValue)
        bytes.append(littleEndian: time.dosTime)
        bytes.append(littleEndian: time.dosDate)
    }
}

/// What ends a zip archive.
struct ZipEnd {
    let entryCount: UInt64
    let directoryOffset: UInt64
    let directorySize: UInt64

    /// The end records; the 64-bit ones only when a number does not fit without.
    var bytes: [UInt8] {
        let isWide =
            entryCount > 0xFFFF || directoryOffset >= ZipRecord.limit32 || directorySize >= ZipRecord.limit32
        var bytes: [UInt8] = []
        if isWide {
            bytes.append(littleEndian: UInt32(0x0606_4B50))
            bytes.append(littleEndian: UInt64(44))
            bytes.append(littleEndian: UInt16(3 << 8 | 45))
            bytes.append(littleEndian: UInt16(45))
            bytes.append(littleEndian: UInt64(0))
            for value in [entryCount, entryCount, directorySize, directoryOffset] {
                bytes.append(littleEndian: value)
            }
            bytes.append(littleEndian: UInt32(0x0706_4B50))
            bytes.append(littleEndian: UInt32(0))
            bytes.append(littleEndian: directoryOffset + directorySize)
            bytes.append(littleEndian: UInt32(1))
        }
        bytes.append(littleEndian: UInt32(0x0605_4B50))
        bytes.append(littleEndian: UInt32(0))
        bytes.append(littleEndian: UInt16(min(entryCount, 0xFFFF)))
        bytes.append(littleEndian: UInt16(min(entryCount, 0xFFFF)))
        bytes.append(littleEndian: UInt32(min(directorySize, ZipRecord.limit32)))
        bytes.append(littleEndian: UInt32(min(directoryOffset, ZipRecord.limit32)))
        bytes.append(littleEndian: UInt16(0))
        return bytes
    }
}
