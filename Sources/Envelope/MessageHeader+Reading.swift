/// Reads a header field by field and keeps its bytes, which are authenticated as a whole.
struct HeaderReader {
    private var source: MessageSource
    private let policy: OpenPolicy
    /// What was read so far.
    private(set) var bytes: [UInt8] = []

    /// Reads a header and returns it with its bytes; the source stands behind it.
    static func read(
        from source: inout MessageSource, policy: OpenPolicy
    ) async throws(EnvelopeError) -> (header: MessageHeader, bytes: [UInt8]) {
        var reader = HeaderReader(source: source, policy: policy)
        let header = try await reader.readHeader()
        source = reader.source
        return (header, reader.bytes)
    }

    private init(source: MessageSource, policy: OpenPolicy) {
        self.source = source
        self.policy = policy
    }

    private mutating func readHeader() async throws(EnvelopeError) -> MessageHeader {
        let suite = try await readSuite()
        let messageID = try await take(suite.messageIDByteCount)
        let context = try EncryptionContext(serialized: try await takeField())
        let dataKeys = try await readDataKeys()
        let contentType = try await number(UInt8.self)
        if suite.messageVersion == 1 {
            guard try await number(UInt32.self) == 0,
                try await number(UInt8.self) == MessageHeader.ivByteCount
            else {
                throw .malformed(.header, "a reserved field is not zero, or the IV length is not 12")
            }
        }
        let frameByteCount = try await readFrameByteCount(contentType)
        return MessageHeader(
            suite: suite, messageID: messageID, context: context, dataKeys: dataKeys,
            frameByteCount: frameByteCount, commitment: try await take(suite.isCommitting ? 32 : 0))
    }

    private mutating func readSuite() async throws(EnvelopeError) -> AlgorithmSuite {
        let version = try await number(UInt8.self)
        guard version == 1 || version == 2 else {
            throw .malformed(.header, "it begins with the byte \(version); a message begins with 1 or 2")
        }
        if version == 1 {
            guard try await number(UInt8.self) == MessageHeader.versionOneType else {
                throw .malformed(.header, "its type is not 0x80")
            }
        }
        let id = try await number(UInt16.self)
        guard let suite = AlgorithmSuite(rawValue: id), suite.messageVersion == version else {
            throw EnvelopeError(
                .unsupported,
                "message version \(version) has no algorithm suite \(AlgorithmSuite.name(of: id))",
                part: .header)
        }
        guard suite.isCommitting || policy.allowsUncommitted else {
            throw EnvelopeError(
                .refusedByPolicy, "algorithm suite \(suite) has no key commitment", part: .header,
                hint: "encrypt the file again with a committing suite (0x0478 or 0x0578)")
        }
        return suite
    }

    private mutating func readDataKeys() async throws(EnvelopeError) -> [EncryptedDataKey] {
        let count = Int(try await number(UInt16.self))
        guard count > 0 else { throw .malformed(.header, "it has no encrypted data key") }
        guard count <= policy.encryptedDataKeyLimit else {
            throw .limitExceeded(
                "it has \(count) encrypted data keys, the limit is \(policy.encryptedDataKeyLimit)", .header)
        }
        var dataKeys: [EncryptedDataKey] = []
        for _ in 0..<count {
            guard let providerID = String(validating: try await takeField(), as: UTF8.self) else {
                throw .malformed(.header, "a key provider id is not UTF-8")
            }
            let providerInfo = try await takeField()
            dataKeys.append(
                EncryptedDataKey(
                    providerID: providerID, providerInfo: providerInfo, ciphertext: try await takeField()))
        }
        return dataKeys
    }

    private mutating func readFrameByteCount(_ contentType: UInt8) async throws(EnvelopeError) -> Int {
        let count = try await number(UInt32.self)
        switch contentType {
        case MessageHeader.frameContentType:
            guard count > 0, count <= UInt32(Int32.max) else {
                throw .malformed(.header, "its frame length is \(count)")
            }
        case MessageHeader.unframedContentType:
            guard count == 0 else { throw .malformed(.header, "it has no frames, but a frame length") }
            guard policy.allowsUnframed else {
                throw EnvelopeError(
                    .refusedByPolicy, "its content is not framed", part: .header,
                    hint: "encrypt the file again with frames")
            }
        default:
            throw .malformed(.header, "its content type is \(contentType)")
        }
        return Int(count)
    }

    private mutating func takeField() async throws(EnvelopeError) -> [UInt8] {
        try await take(Int(try await number(UInt16.self)))
    }

    private mutating func number<Number: FixedWidthInteger & UnsignedInteger>(
        _ type: Number.Type
    ) async throws(EnvelopeError) -> Number {
        Number(bigEndian: try await take(Number.bitWidth / 8))
    }

    private mutating func take(_ count: Int) async throws(EnvelopeError) -> [UInt8] {
        guard bytes.count + count <= MessageHeader.byteLimit else {
            throw .limitExceeded("it has more than \(MessageHeader.byteLimit) bytes", .header)
        }
        let taken = try await source.read(count, of: .header)
        bytes += taken
        return taken
    }
}
