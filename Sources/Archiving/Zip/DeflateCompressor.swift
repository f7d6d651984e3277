import CLibDeflate

// This file is the only one that knows libdeflate.

/// The owner of one libdeflate compressor.
///
/// A compressor is used by one thread at a time; several may exist.
final class DeflateCompressor {
    private let compressor: OpaquePointer

    /// Makes a compressor; nil when there is no memory for it.
    ///
    /// - Parameter level: 1 (fastest) to 12 (smallest); anything else is moved into that range.
    init?(level: Int) {
        guard let compressor = libdeflate_alloc_compressor(CInt(min(max(level, 1), 12))) else { return nil }
        self.compressor = compressor
    }

    deinit {
        libdeflate_free_compressor(compressor)
    }

    /// One complete deflate stream at the beginning of `target`; its length, or nil when it does not fit
    /// there.
    func compress(_ raw: UnsafeRawBufferPointer, into target: UnsafeMutableRawBufferPointer) -> Int? {
        let length = libdeflate_deflate_compress(
            compressor, raw.baseAddress, raw.count, target.baseAddress, target.count)
        return length == 0 ? nil : length
    }

    /// One complete deflate stream, or nil when it would be longer than `limit` bytes.
    func compress(_ raw: UnsafeRawBufferPointer, limit: Int) -> [UInt8]? {
        guard limit > 0 else { return nil }
        let stream = [UInt8](unsafeUninitializedCapacity: limit) { buffer, count in
            let target = UnsafeMutableRawBufferPointer(start: buffer.baseAddress, count: limit)
            count = compress(raw, into: target) ?? 0
        }
        return stream.isEmpty ? nil : stream
    }

    /// Continues a CRC-32 that begins with 0.
    static func crc32(_ raw: UnsafeRawBufferPointer, continuing crc: UInt32 = 0) -> UInt32 {
        libdeflate_crc32(crc, raw.baseAddress, raw.count)
    }
}

/// The owner of one libdeflate decompressor, for contents that have been compressed by us, and for short ones.
///
/// Used by one thread at a time.
final class DeflateDecompressor {
    private let decompressor: OpaquePointer

    /// Makes a decompressor; nil when there is no memory for it.
    init?() {
        guard let decompressor = libdeflate_alloc_decompressor() else { return nil }
        self.decompressor = decompressor
    }

    deinit {
        libdeflate_free_decompressor(decompressor)
    }

    /// Whether these bytes are exactly one deflate stream of exactly that content, for which a buffer at least
    /// as long as the content is overwritten.
    func inflates(
        _ stream: UnsafeRawBufferPointer, to content: UnsafeRawBufferPointer,
        using room: UnsafeMutableRawBufferPointer
    ) -> Bool {
        guard room.count >= content.count else { return false }
        var consumed = 0
        // Without a place to tell the length of the result, any other length than the room is a failure.
        let result = libdeflate_deflate_decompress_ex(
            decompressor, stream.baseAddress, stream.count, room.baseAddress, content.count, &consumed, nil)
        guard result == LIBDEFLATE_SUCCESS, consumed == stream.count else { return false }
        return UnsafeRawBufferPointer(rebasing: room[..<content.count]).isEqual(to: content)
    }

    /// The content of a deflate stream; nil unless it is exactly that many bytes.
    func content(of stream: [UInt8], count: Int) -> [UInt8]? {
        guard count > 0 else { return [] }
        var content = [UInt8](repeating: 0, count: count)
        // Without a place to tell the length of the result, any other length than the room is a failure.
        let result = stream.withUnsafeBytes { stream in
            content.withUnsafeMutableBytes { room in
                libdeflate_deflate_decompress(
                    decompressor, stream.baseAddress, stream.count, room.baseAddress, count, nil)
            }
        }
        return result == LIBDEFLATE_SUCCESS ? content : nil
    }
}
