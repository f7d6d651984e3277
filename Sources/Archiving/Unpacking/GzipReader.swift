import CZlib
import Glibc
import SystemPackage

// This file is the only one that knows zlib.

/// Reads a gzip file (RFC 1952) of any number of members, and compares each with its checksum and its length.
///
/// libarchive compares neither. Memory is two buffers of 256 KiB. Used by one thread at a time.
final class GzipReader: BlockSource {
    private let file: FileDescriptor
    private let name: String
    private let stream: UnsafeMutablePointer<z_stream>
    private let input: UnsafeMutableRawBufferPointer
    private let output: UnsafeMutableRawBufferPointer
    private var isBetweenMembers = false
    private var isFinished = false
    /// What is thrown once the bytes before it have been given.
    private var failure: ArchivingError?

    /// Begins to read at the descriptor's position; the descriptor stays open and the caller's.
    ///
    /// - Parameters:
    ///   - file: what to read.
    ///   - name: what messages call it.
    /// - Throws: `limitExceeded` when there is no memory.
    init(_ file: FileDescriptor, name: String) throws(ArchivingError) {
        let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
        stream.initialize(to: z_stream())
        // 16 asks for gzip, which includes its checksum and length; 15 is the longest window.
        guard inflateInit2_(stream, 15 + 16, ZLIB_VERSION, CInt(MemoryLayout<z_stream>.size)) == Z_OK else {
            stream.deallocate()
            throw ArchivingError(.limitExceeded, name, "no memory to decompress it")
        }
        self.file = file
        self.name = name
        self.stream = stream
        input = .allocate(byteCount: 256 * 1_024, alignment: 16)
        output = .allocate(byteCount: 256 * 1_024, alignment: 16)
    }

    deinit {
        inflateEnd(stream)
        stream.deallocate()
        input.deallocate()
        output.deallocate()
    }

    func next() throws(ArchivingError) -> UnsafeRawBufferPointer {
        stream.pointee.next_out = output.bindMemory(to: UInt8.self).baseAddress
        stream.pointee.avail_out = UInt32(output.count)
        do throws(ArchivingError) {
            while failure == nil, !isFinished, stream.pointee.avail_out > 0 { try step() }
        } catch {
            failure = error
        }
        let count = output.count - Int(stream.pointee.avail_out)
        if count == 0, let failure { throw failure }
        return UnsafeRawBufferPointer(rebasing: output[..<count])
    }

    /// Decompresses until input or room ends, or goes on to the next member.
    private func step() throws(ArchivingError) {
        if isBetweenMembers { return try beginMember() }
        if stream.pointee.avail_in == 0, try !fill() {
            throw ArchivingError(.damagedArchive, name, "it is compressed by gzip, and cut short")
        }
        switch inflate(stream, Z_NO_FLUSH) {
        case Z_OK, Z_BUF_ERROR: break
        case Z_STREAM_END: isBetweenMembers = true
        case Z_MEM_ERROR: throw ArchivingError(.limitExceeded, name, "no memory to decompress it")
        default:
            let reason = stream.pointee.msg.map { String(cString: $0) } ?? "no reason is given"
            throw ArchivingError(
                .damagedArchive, name, "it is compressed by gzip, and damaged (\(printable(reason.utf8)))")
        }
    }

    /// Goes on to the next member; what follows the last one is none of ours, such as the zeros of a tape.
    private func beginMember() throws(ArchivingError) {
        while stream.pointee.avail_in < 2, try fill() {}
        guard stream.pointee.avail_in >= 2, let next = stream.pointee.next_in, next[0] == 0x1F,
            next[1] == 0x8B
        else {
            isFinished = true
            return
        }
        inflateReset(stream)
        isBetweenMembers = false
    }

    /// Reads more behind what is left of the input; false at the end of the file.
    private func fill() throws(ArchivingError) -> Bool {
        let left = Int(stream.pointee.avail_in)
        if left > 0, let next = stream.pointee.next_in {
            input.baseAddress?.copyMemory(from: next, byteCount: left)
        }
        let count: Int
        do {
            count = try file.read(into: UnsafeMutableRawBufferPointer(rebasing: input[left...]))
        } catch {
            throw .reading(name, (error as? Errno) ?? .ioError)
        }
        stream.pointee.next_in = input.bindMemory(to: UInt8.self).baseAddress
        stream.pointee.avail_in = UInt32(left + count)
        return count > 0
    }
}
