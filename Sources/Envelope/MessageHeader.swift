/// Everything of a message before its content, but for the header's own authentication.
///
/// Source: AWS Encryption SDK Developer Guide, "Message format reference", header structure.
struct MessageHeader {
    static let frameContentType: UInt8 = 2
    static let unframedContentType: UInt8 = 1
    /// The type byte of version 1, "customer authenticated encrypted data".
    static let versionOneType: UInt8 = 0x80
    static let ivByteCount: UInt8 = 12
    /// Most bytes of a header; data keys of 64 recipients need about 30 KiB.
    static let byteLimit = 1 << 20

    var suite: AlgorithmSuite
    var messageID: [UInt8]
    var context: EncryptionContext
    var dataKeys: [EncryptedDataKey]
    /// Bytes of content in each frame but the last; 0 when the message has no frames.
    var frameByteCount: Int
    /// What the suite commits to; empty for suites that do not.
    var commitment: [UInt8]

    var isFramed: Bool { frameByteCount > 0 }

    /// Version 2 only, the one that is written.
    func serialized() throws(EnvelopeError) -> [UInt8] {
        var bytes: [UInt8] = [suite.messageVersion]
        bytes.append(bigEndian: suite.rawValue)
        bytes += messageID
        let contextBytes = context.serialized
        bytes.append(bigEndian: UInt16(truncatingIfNeeded: contextBytes.count))
        bytes += contextBytes
        bytes.append(bigEndian: UInt16(truncatingIfNeeded: dataKeys.count))
        for dataKey in dataKeys {
            for field in [Array(dataKey.providerID.utf8), dataKey.providerInfo, dataKey.ciphertext] {
                guard field.count <= EncryptedDataKey.fieldByteLimit else {
                    throw .limitExceeded("an encrypted data key has a field of \(field.count) bytes", .header)
                }
                bytes.append(bigEndian: UInt16(truncatingIfNeeded: field.count))
                bytes += field
            }
        }
        bytes.append(Self.frameContentType)
        bytes.append(bigEndian: UInt32(truncatingIfNeeded: frameByteCount))
        bytes += commitment
        guard bytes.count <= Self.byteLimit else {
            throw .limitExceeded(
                "the header needs \(bytes.count) bytes, the limit is \(Self.byteLimit)", .header)
        }
        return bytes
    }
}
