extension [UInt8] {
    /// Appends an integer, most significant byte first, as all numbers of the message format are written.
    mutating func append(bigEndian value: some FixedWidthInteger & UnsignedInteger) {
        Swift.withUnsafeBytes(of: value.bigEndian) { append(contentsOf: $0) }
    }
}

extension FixedWidthInteger where Self: UnsignedInteger {
    /// Reads an integer, most significant byte first; takes the last bytes when there are too many.
    init(bigEndian bytes: some Sequence<UInt8>) {
        self = bytes.reduce(0) { ($0 << 8) | Self($1) }
    }
}
