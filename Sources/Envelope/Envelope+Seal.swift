import Crypto
package import SystemPackage

extension Envelope {
    /// Reads content to its end and writes it as one message.
    ///
    /// The descriptors stay open.
    ///
    /// - Parameters:
    ///   - source: Where the content comes from; need not be seekable.
    ///   - destination: Where the message goes; need not be seekable. What it holds after a failure is no message.
    ///   - keyring: Makes the data key, and says for whom.
    ///   - context: Pairs to bind. Not secret: they are readable in the message.
    ///   - suite: One of the committing suites.
    ///   - frameByteCount: Content bytes in each frame, 1 to ``frameByteLimit``.
    /// - Returns: How much was sealed, and for whom.
    /// - Throws: ``EnvelopeError`` with the codes `unsupported`, `limitExceeded`, `invalidContext`, `keyringFailed`,
    ///   `inputOutput`, `cancelled`.
    package static func seal(
        from source: FileDescriptor, to destination: FileDescriptor, keyring: any Keyring,
        context: EncryptionContext = EncryptionContext(), suite: AlgorithmSuite = .committingSigned,
        frameByteCount: Int = defaultFrameByteCount
    ) async throws(EnvelopeError) -> SealedSummary {
        let form = MessageForm(context: context, suite: suite, frameByteCount: frameByteCount)
        let content = ContentSource(source, frameByteCount: frameByteCount)
        return try await seal(content, form, keyring) { MessageSink(destination, digest: $0) }
    }

    /// Seals a file where it is: the message takes the place of its content.
    ///
    /// Nothing is allocated on the disk but what the message is longer than its content, and of the content nothing
    /// stays there. The descriptor has to be open for reading and writing; its position is not used. What the file holds
    /// after a failure is neither the content nor a message.
    ///
    /// - Throws: what ``seal(from:to:keyring:context:suite:frameByteCount:)`` throws.
    package static func sealInPlace(
        _ file: FileDescriptor, keyring: any Keyring, context: EncryptionContext = EncryptionContext(),
        suite: AlgorithmSuite = .committingSigned, frameByteCount: Int = defaultFrameByteCount,
        observer: MessageObserver? = nil
    ) async throws(EnvelopeError) -> SealedSummary {
        let form = MessageForm(context: context, suite: suite, frameByteCount: frameByteCount)
        let content = ContentSource(file, frameByteCount: frameByteCount, offset: 0)
        return try await seal(content, form, keyring) {
            MessageSink(file, digest: $0, offset: 0, observer: observer)
        }
    }

    /// What a message is to be like.
    private struct MessageForm {
        var context: EncryptionContext
        var suite: AlgorithmSuite
        var frameByteCount: Int
    }

    private static func seal(
        _ content: ContentSource, _ form: MessageForm, _ keyring: any Keyring,
        sink makeSink: (MessageDigest) -> MessageSink
    ) async throws(EnvelopeError) -> SealedSummary {
        let suite = form.suite
        guard suite.isCommitting else {
            throw EnvelopeError(.unsupported, "messages are written with the suites 0x0478 and 0x0578 only")
        }
        guard form.frameByteCount > 0, form.frameByteCount <= frameByteLimit else {
            throw .limitExceeded("frames have 1 to \(frameByteLimit) bytes, not \(form.frameByteCount)")
        }
        prepareMemory()
        let signer = suite.isSigned ? MessageSigner() : nil
        var bound = form.context
        if let signer { bound = try bound.adding(EncryptionContext.publicKeyName, signer.publicKeyText) }
        let purpose = DataKeyPurpose(suite: suite, context: bound)
        let generated = try await generateDataKey(keyring, purpose)

        var sink = makeSink(MessageDigest(for: suite, expecting: content.fileByteCount))
        let cipher = try appendHeader(generated, purpose, form.frameByteCount, to: &sink)
        var content = content
        let count = try await sealFrames(of: &content, form.frameByteCount, with: cipher, to: &sink)
        if let signer {
            let signature = try signer.sign(await sink.digestValue)
            var footer: [UInt8] = []
            footer.append(bigEndian: UInt16(truncatingIfNeeded: signature.count))
            sink.append(footer + signature)
            try await sink.flush()
        }
        releaseMemory()
        return SealedSummary(
            contentByteCount: count, messageByteCount: sink.byteCount, suite: suite, context: bound,
            keyNames: generated.encrypted.map { $0.keyName })
    }

    private static func generateDataKey(
        _ keyring: any Keyring, _ purpose: DataKeyPurpose
    ) async throws(EnvelopeError) -> GeneratedDataKey {
        let generated: GeneratedDataKey
        do {
            generated = try await keyring.generateDataKey(for: purpose)
        } catch let error as EnvelopeError {
            throw error
        } catch {
            throw .keyringFailed(error)
        }
        let limit = OpenPolicy.strict.encryptedDataKeyLimit
        guard (1...limit).contains(generated.encrypted.count) else {
            throw .limitExceeded(
                "a message has 1 to \(limit) recipients, not \(generated.encrypted.count)", .header)
        }
        return generated
    }

    private static func appendHeader(
        _ generated: GeneratedDataKey, _ purpose: DataKeyPurpose, _ frameByteCount: Int,
        to sink: inout MessageSink
    ) throws(EnvelopeError) -> ContentCipher {
        let suite = purpose.suite
        let messageID = SymmetricKey(size: SymmetricKeySize(bitCount: suite.messageIDByteCount * 8))
            .withUnsafeBytes { Array($0) }
        let cipher = try ContentCipher(dataKey: generated.dataKey, suite: suite, messageID: messageID)
        let commitment = ContentCipher.commitment(to: generated.dataKey, messageID: messageID)
        let header = MessageHeader(
            suite: suite, messageID: messageID, context: purpose.context, dataKeys: generated.encrypted,
            frameByteCount: frameByteCount, commitment: commitment.withUnsafeBytes { Array($0) })
        let bytes = try header.serialized()
        sink.append(bytes + (try cipher.headerTag(bytes)))
        return cipher
    }

    /// Appends all frames; the last one is never full, but may be empty.
    ///
    /// The format allows a full last frame; the official Python SDK refuses it up to its release 3, and with it
    /// `aws-encryption-cli`.
    private static func sealFrames(
        of content: inout ContentSource, _ frameByteCount: Int, with cipher: ContentCipher,
        to sink: inout MessageSink
    ) async throws(EnvelopeError) -> Int64 {
        var sequence = FrameSequence()
        var total: Int64 = 0
        while true {
            guard !Task.isCancelled else { throw EnvelopeError(.cancelled, "sealing was cancelled") }
            let frame = try content.next()
            total += Int64(frame.count)
            let isFinal = frame.count < frameByteCount
            try append(frame, number: sequence.next, isFinal: isFinal, with: cipher, to: &sink)
            content.reuse(frame)
            if isFinal || sink.isFull {
                try content.readAhead(of: sink.end)
                try await sink.flush()
            }
            if isFinal { return total }
            try sequence.advance()
        }
    }

    private static func append(
        _ frame: ContentSource.Frame, number: UInt32, isFinal: Bool, with cipher: ContentCipher,
        to sink: inout MessageSink
    ) throws(EnvelopeError) {
        let box = try cipher.seal(
            frame.bytes[..<frame.count], as: isFinal ? .finalFrame : .frame, number: number)
        if isFinal { sink.append(bigEndian: FrameSequence.finalMarker) }
        sink.append(bigEndian: number)
        guard isFinal else {
            // IV, content and tag, as they stand in an ordinary frame.
            sink.append(box)
            return
        }
        sink.append(box.prefix(ContentCipher.ivByteCount))
        sink.append(bigEndian: UInt32(truncatingIfNeeded: frame.count))
        sink.append(box.dropFirst(ContentCipher.ivByteCount))
    }
}
