import FoundationEssentials

extension [UInt8] {
    /// Base64 with padding.
    var base64: String { Data(self).base64EncodedString() }

    /// Decodes base64; nil when it is not.
    init?(base64 text: String) {
        guard let data = Data(base64Encoded: text) else { return nil }
        self.init(data)
    }
}
