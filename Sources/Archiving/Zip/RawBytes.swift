import Glibc

extension [UInt8] {
    /// `withUnsafeBytes`, which alone among its kind does not keep the type of errors.
    func withRawBytes<Result>(
        _ body: (UnsafeRawBufferPointer) throws(ArchivingError) -> Result
    ) throws(ArchivingError) -> Result {
        try withUnsafeBufferPointer { buffer throws(ArchivingError) in
            try body(UnsafeRawBufferPointer(buffer))
        }
    }

    /// Appends an integer, lowest byte first.
    package mutating func append(littleEndian value: some FixedWidthInteger) {
        Swift.withUnsafeBytes(of: value.littleEndian) { append(contentsOf: $0) }
    }
}

extension UnsafeRawBufferPointer {
    /// Whether both have the same bytes.
    func isEqual(to other: UnsafeRawBufferPointer) -> Bool {
        guard count == other.count else { return false }
        guard let start = baseAddress, let otherStart = other.baseAddress else { return isEmpty }
        return memcmp(start, otherStart, count) == 0
    }
}
