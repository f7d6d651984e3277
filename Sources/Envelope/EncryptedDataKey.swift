/// A data key as it travels in a message: encrypted, with the names of the key that can decrypt it.
package struct EncryptedDataKey: Sendable, Hashable {
    /// Who can decrypt it: `aws-kms`, or the namespace of a raw keyring.
    package var providerID: String
    /// Which key: the key's ARN for `aws-kms`; name, sizes and IV for a raw AES keyring.
    package var providerInfo: [UInt8]
    /// The encrypted key.
    package var ciphertext: [UInt8]

    /// Most bytes in each of the three fields.
    package static let fieldByteLimit = 65_535

    /// Describes an encrypted data key.
    package init(providerID: String, providerInfo: [UInt8], ciphertext: [UInt8]) {
        self.providerID = providerID
        self.providerInfo = providerInfo
        self.ciphertext = ciphertext
    }

    /// Which key is needed, for people: provider and key name.
    ///
    /// Control characters are shown as `?`.
    package var keyName: String {
        let name = RawAESKeyring.name(inProviderInfo: providerInfo) ?? providerInfo
        return "\(providerID)/\(String(decoding: name, as: UTF8.self))".withoutControlCharacters
    }
}
