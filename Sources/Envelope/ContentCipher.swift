import Crypto
import FoundationEssentials

/// Encrypts and decrypts the parts of one message under the key derived for it.
struct ContentCipher {
    static let ivByteCount = 12
    static let tagByteCount = 16

    private let key: SymmetricKey
    private let messageID: [UInt8]

    /// What a piece of content is, as its authenticated data says.
    enum Piece: String {
        case frame = "AWSKMSEncryptionClient Frame"
        case finalFrame = "AWSKMSEncryptionClient Final Frame"
        case body = "AWSKMSEncryptionClient Single Block"
    }

    /// Derives the message's key from its data key.
    init(dataKey: SymmetricKey, suite: AlgorithmSuite, messageID: [UInt8]) throws(EnvelopeError) {
        guard dataKey.bitCount == suite.dataKeyByteCount * 8 else {
            throw .invalidKey(
                "suite \(suite) needs a data key of \(suite.dataKeyByteCount) bytes, not \(dataKey.bitCount / 8)"
            )
        }
        let count = suite.dataKeyByteCount
        var info: [UInt8] = []
        info.append(bigEndian: suite.rawValue)
        switch suite.derivation {
        case .none:
            key = dataKey
        case .sha256:
            key = HKDF<SHA256>.deriveKey(
                inputKeyMaterial: dataKey, info: info + messageID, outputByteCount: count)
        case .sha384:
            key = HKDF<SHA384>.deriveKey(
                inputKeyMaterial: dataKey, info: info + messageID, outputByteCount: count)
        case .sha512:
            key = HKDF<SHA512>.deriveKey(
                inputKeyMaterial: dataKey, salt: messageID, info: info + Array("DERIVEKEY".utf8),
                outputByteCount: count)
        }
        self.messageID = messageID
    }

    /// What a committing suite writes into the header to say: this data key and no other.
    static func commitment(to dataKey: SymmetricKey, messageID: [UInt8]) -> SymmetricKey {
        HKDF<SHA512>.deriveKey(
            inputKeyMaterial: dataKey, salt: messageID, info: Array("COMMITKEY".utf8), outputByteCount: 32)
    }

    /// The tag over a header; its IV is all zeros.
    func headerTag(_ header: [UInt8]) throws(EnvelopeError) -> [UInt8] {
        let iv = [UInt8](repeating: 0, count: Self.ivByteCount)
        return Array(try seal([], iv: iv, authenticating: header).suffix(Self.tagByteCount))
    }

    func isHeaderTagValid(_ tag: [UInt8], iv: [UInt8], header: [UInt8]) -> Bool {
        open(iv + tag, authenticating: header) != nil
    }

    /// Encrypts a piece, whose IV is its number.
    /// - Returns: IV, content and tag.
    func seal(
        _ content: ArraySlice<UInt8>, as piece: Piece, number: UInt32
    ) throws(EnvelopeError) -> Data {
        var iv = [UInt8](repeating: 0, count: Self.ivByteCount - 4)
        iv.append(bigEndian: number)
        return try seal(content, iv: iv, authenticating: authenticated(piece, number, content.count))
    }

    /// Decrypts IV, content and tag of a piece; nil when anything was changed.
    func open(_ combined: some DataProtocol, as piece: Piece, number: UInt32) -> Data? {
        let count = combined.count - Self.ivByteCount - Self.tagByteCount
        return open(combined, authenticating: authenticated(piece, number, count))
    }

    private func authenticated(_ piece: Piece, _ number: UInt32, _ count: Int) -> [UInt8] {
        let name = piece.rawValue.utf8
        var bytes: [UInt8] = []
        bytes.reserveCapacity(messageID.count + name.count + 12)
        bytes.append(contentsOf: messageID)
        bytes.append(contentsOf: name)
        bytes.append(bigEndian: number)
        bytes.append(bigEndian: UInt64(max(0, count)))
        return bytes
    }

    private func seal(
        _ content: ArraySlice<UInt8>, iv: [UInt8], authenticating data: [UInt8]
    ) throws(EnvelopeError) -> Data {
        do {
            let box = try AES.GCM.seal(
                content, using: key, nonce: try AES.GCM.Nonce(data: iv), authenticating: data)
            if let combined = box.combined { return combined }
        } catch {
            throw EnvelopeError(.invalidKey, "encrypting failed: \(error)", underlying: error)
        }
        throw .invalidKey("encrypting failed: the IV has not \(Self.ivByteCount) bytes")
    }

    private func open(_ combined: some DataProtocol, authenticating data: [UInt8]) -> Data? {
        guard let box = try? AES.GCM.SealedBox(combined: combined) else { return nil }
        return try? AES.GCM.open(box, using: key, authenticating: data)
    }
}
