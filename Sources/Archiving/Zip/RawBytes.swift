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
    mutating func append(littleEndian value: some FixedWidthInteger) {
        Swift.withUnsafeBytes(of: value.littleEndian) { append(contentsOf: $0) }
    }
}
