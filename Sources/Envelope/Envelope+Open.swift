import Crypto
import FoundationEssentials
package import SystemPackage

extension Envelope {
    /// Reads one message and writes its content to a place that nobody else reads yet.
    ///
    /// The descriptors stay open.
    ///
    /// Each frame is authenticated before it is written, but only when this returns is the whole message known to be
    /// complete and signed: when it throws, throw away what was written. ``openFile(at:to:keyring:requiredContext:policy:permissions:)``
    /// does that by itself.
    ///
    /// - Parameters:
    ///   - source: Where the message comes from, to its end; need not be seekable.
    ///   - scratch: Where the content goes.
    ///   - keyring: Has to know one of the message's keys.
    ///   - requiredContext: Pairs that the message has to be bound to; it may be bound to more.
    ///   - policy: Which messages are opened at all.
    /// - Returns: What the message is bound to, and which key opened it.
    /// - Throws: ``EnvelopeError`` with any code but those of key files.
    package static func open(
        from source: FileDescriptor, intoScratch scratch: FileDescriptor, keyring: any Keyring,
        requiredContext: [String: String] = [:], policy: OpenPolicy = .strict
    ) async throws(EnvelopeError) -> OpenedSummary {
        prepareMemory()
        var message = MessageSource(source)
        let (header, headerBytes) = try await HeaderReader.read(from: &message, policy: policy)
        try header.context.require(requiredContext)
        let verifier = try MessageVerifier(suite: header.suite, context: header.context)
        let (dataKey, keyName) = try await decryptDataKey(of: header, keyring)

        if verifier != nil {
            let expected = ContentSource.fileByteCount(source)
            let digest = MessageDigest(for: header.suite, expecting: expected)
            message.startDigest(digest, with: headerBytes)
        }
        let cipher = try await authenticate(header, headerBytes, dataKey, &message)
        var content = OpenedContent(scratch)
        if header.isFramed {
            try await openFrames(of: header, with: cipher, from: &message, to: &content, policy)
        } else {
            try await openBody(with: cipher, from: &message, to: &content, policy)
        }
        try content.flush()
        if let verifier { try await verifyFooter(of: &message, verifier) }
        guard try await message.isAtEnd() else {
            throw EnvelopeError(
                .trailingBytes, "something follows what was sealed", hint: "do not use the file")
        }
        return OpenedSummary(
            contentByteCount: content.byteCount, suite: header.suite, context: header.context,
            keyName: keyName)
    }

    private static func decryptDataKey(
        of header: MessageHeader, _ keyring: any Keyring
    ) async throws(EnvelopeError) -> (SymmetricKey, String) {
        let purpose = DataKeyPurpose(suite: header.suite, context: header.context)
        var failures: [(keyName: String, error: any Error)] = []
        for encrypted in header.dataKeys {
            do {
                if let key = try await keyring.decryptDataKey(encrypted, for: purpose) {
                    return (key, encrypted.keyName)
                }
            } catch {
                failures.append((encrypted.keyName, error))
            }
        }
        if let failure = unusableKeys(failures) { throw failure }
        let needed = header.dataKeys.map { $0.keyName }.joined(separator: " or ")
        let given = keyring.keyNames.joined(separator: ", ")
        throw EnvelopeError(
            .noUsableKey, "it was sealed for \(needed); the key at hand is \(given)", part: .header,
            hint: "give the key it was sealed for")
    }

    /// What became of the data keys that a keyring knew; nil when it knew none.
    private static func unusableKeys(_ failures: [(keyName: String, error: any Error)]) -> EnvelopeError? {
        guard let first = failures.first else { return nil }
        let ownErrors = failures.compactMap { $0.error as? EnvelopeError }
        if failures.count == 1 { return ownErrors.first ?? .keyringFailed(first.error) }
        let words = failures.map { "\($0.keyName): \($0.error)" }.joined(separator: "; ")
        return EnvelopeError(
            ownErrors.first?.code ?? .keyringFailed, words, part: .header, hint: ownErrors.first?.hint,
            underlying: first.error)
    }

    /// Checks commitment and header tag; nothing of the content was looked at before.
    private static func authenticate(
        _ header: MessageHeader, _ bytes: [UInt8], _ dataKey: SymmetricKey, _ message: inout MessageSource
    ) async throws(EnvelopeError) -> ContentCipher {
        let cipher = try ContentCipher(dataKey: dataKey, suite: header.suite, messageID: header.messageID)
        if header.suite.isCommitting {
            // `SymmetricKey` compares in constant time.
            let expected = ContentCipher.commitment(to: dataKey, messageID: header.messageID)
            guard expected == SymmetricKey(data: header.commitment) else {
                throw .tampered(.header, "it was not sealed with the data key it carries")
            }
        }
        let iv =
            header.suite.messageVersion == 1
            ? try await message.read(ContentCipher.ivByteCount, of: .header)
            : [UInt8](repeating: 0, count: ContentCipher.ivByteCount)
        let tag = try await message.read(ContentCipher.tagByteCount, of: .header)
        guard cipher.isHeaderTagValid(tag, iv: iv, header: bytes) else {
            throw .tampered(.header, "its authentication tag does not match")
        }
        return cipher
    }

    private static func openFrames(
        of header: MessageHeader, with cipher: ContentCipher, from message: inout MessageSource,
        to content: inout OpenedContent, _ policy: OpenPolicy
    ) async throws(EnvelopeError) {
        var sequence = FrameSequence()
        while true {
            guard !Task.isCancelled else { throw EnvelopeError(.cancelled, "opening was cancelled") }
            let part = MessagePart.frame(sequence.next)
            let number = try await message.readNumber(UInt32.self, of: part)
            let isFinal = number == FrameSequence.finalMarker
            let found = isFinal ? try await message.readNumber(UInt32.self, of: part) : number
            guard found == sequence.next else {
                throw .tampered(part, "a frame with the number \(found) stands in its place")
            }
            let piece =
                isFinal
                ? try await openFinalFrame(of: header, number: found, with: cipher, from: &message, policy)
                : try await openFrame(of: header, number: found, with: cipher, from: &message, policy)
            guard let piece else { throw .tampered(part, "its authentication tag does not match") }
            try content.write(piece)
            if isFinal { return }
            try sequence.advance()
        }
    }

    private static func openFrame(
        of header: MessageHeader, number: UInt32, with cipher: ContentCipher,
        from message: inout MessageSource,
        _ policy: OpenPolicy
    ) async throws(EnvelopeError) -> Data? {
        try checkLimit(header.frameByteCount, policy.frameByteLimit, .frame(number))
        let count = ContentCipher.ivByteCount + header.frameByteCount + ContentCipher.tagByteCount
        let taken = try await message.take(count, of: .frame(number))
        return cipher.open(message.block[taken], as: .frame, number: number)
    }

    private static func openFinalFrame(
        of header: MessageHeader, number: UInt32, with cipher: ContentCipher,
        from message: inout MessageSource,
        _ policy: OpenPolicy
    ) async throws(EnvelopeError) -> Data? {
        let part = MessagePart.frame(number)
        let iv = try await message.read(ContentCipher.ivByteCount, of: part)
        let count = Int(try await message.readNumber(UInt32.self, of: part))
        guard count <= header.frameByteCount else {
            throw .tampered(part, "it claims \(count) bytes, frames have \(header.frameByteCount)")
        }
        try checkLimit(count, policy.frameByteLimit, part)
        let rest = try await message.read(count + ContentCipher.tagByteCount, of: part)
        return cipher.open(iv + rest, as: .finalFrame, number: number)
    }

    private static func openBody(
        with cipher: ContentCipher, from message: inout MessageSource, to content: inout OpenedContent,
        _ policy: OpenPolicy
    ) async throws(EnvelopeError) {
        let iv = try await message.read(ContentCipher.ivByteCount, of: .body)
        let count = Int(clamping: try await message.readNumber(UInt64.self, of: .body))
        try checkLimit(count, policy.unframedByteLimit, .body)
        let rest = try await message.read(count + ContentCipher.tagByteCount, of: .body)
        guard let body = cipher.open(iv + rest, as: .body, number: 1) else {
            throw .tampered(.body, "its authentication tag does not match")
        }
        try content.write(body)
    }

    private static func verifyFooter(
        of message: inout MessageSource, _ verifier: MessageVerifier
    ) async throws(EnvelopeError) {
        let signed = await message.finishDigest()
        let count = Int(try await message.readNumber(UInt16.self, of: .footer))
        let signature = try await message.read(count, of: .footer)
        guard verifier.isValid(signature, for: signed) else {
            throw .tampered(.footer, "its signature does not match")
        }
    }

    private static func checkLimit(_ count: Int, _ limit: Int, _ part: MessagePart) throws(EnvelopeError) {
        guard count <= limit else {
            throw .limitExceeded("it has \(count) bytes, the limit is \(limit)", part)
        }
    }
}
