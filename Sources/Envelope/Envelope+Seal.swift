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
        guard suite.isCommitting else {
            throw EnvelopeError(.unsupported, "messages are written with the suites 0x0478 and 0x0578 only")
        }
        guard frameByteCount > 0, frameByteCount <= frameByteLimit else {
            throw .limitExceeded("frames have 1 to \(frameByteLimit) bytes, not \(frameByteCount)")
        }
        let signer = suite.isSigned ? MessageSigner() : nil
        var bound = context
        if let signer { bound = try bound.adding(EncryptionContext.publicKeyName, signer.publicKeyText) }
        let purpose = DataKeyPurpose(suite: suite, context: bound)
        let generated = try await generateDataKey(keyring, purpose)

        var sink = MessageSink(destination)
        sink.digest = MessageDigest(for: suite)
        let cipher = try writeHeader(generated, purpose, frameByteCount, to: &sink)
        var content = MessageSource(source)
        let count = try sealFrames(of: &content, with: cipher, frameByteCount: frameByteCount, to: &sink)
        if let signer {
            let signature = try signer.sign(sink.digest)
            var footer: [UInt8] = []
            footer.append(bigEndian: UInt16(truncatingIfNeeded: signature.count))
            try sink.write(footer + signature)
        }
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

    private static func writeHeader(
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
        try sink.write(bytes + (try cipher.headerTag(bytes)))
        return cipher
    }

    /// Writes all frames; the last one is never full, but may be empty.
    ///
    /// The format allows a full last frame; the official Python SDK refuses it up to its release 3, and with it
    /// `aws-encryption-cli`.
    private static func sealFrames(
        of content: inout MessageSource, with cipher: ContentCipher, frameByteCount: Int,
        to sink: inout MessageSink
    ) throws(EnvelopeError) -> Int64 {
        var sequence = FrameSequence()
        var total: Int64 = 0
        while true {
            guard !Task.isCancelled else { throw EnvelopeError(.cancelled, "sealing was cancelled") }
            let bytes = try content.readUpTo(frameByteCount)
            total += Int64(bytes.count)
            let isFinal = bytes.count < frameByteCount
            let box = try cipher.seal(bytes, as: isFinal ? .finalFrame : .frame, number: sequence.next)
            var frame: [UInt8] = []
            frame.reserveCapacity(bytes.count + 40)
            if isFinal { frame.append(bigEndian: FrameSequence.finalMarker) }
            frame.append(bigEndian: sequence.next)
            frame.append(contentsOf: box.nonce)
            if isFinal { frame.append(bigEndian: UInt32(truncatingIfNeeded: bytes.count)) }
            frame.append(contentsOf: box.ciphertext)
            frame.append(contentsOf: box.tag)
            try sink.write(frame)
            if isFinal { return total }
            try sequence.advance()
        }
    }
}
