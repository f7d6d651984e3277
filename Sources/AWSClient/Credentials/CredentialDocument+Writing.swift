import FoundationEssentials

/// The JSON that a container credentials endpoint answers with.
private struct ServedDocument: Encodable {
    var accessKeyID: String
    var secretAccessKey: String
    var token: String
    var expiration: String

    enum CodingKeys: String, CodingKey {
        case accessKeyID = "AccessKeyId"
        case secretAccessKey = "SecretAccessKey"
        case token = "Token"
        case expiration = "Expiration"
    }
}

extension Credentials {
    /// The longest a role's session can last.
    ///
    /// Given to credentials without an end of their own: SDKs want an `Expiration`, and ask again before it.
    private static let assumedLifetime = 12 * 3600.0

    /// The document of a container credentials endpoint; every field is there, because SDKs insist on each.
    ///
    /// - Throws: `AWSError` (`decoding`) when they cannot be written as JSON.
    func document(at now: Timestamp) throws(AWSError) -> [UInt8] {
        let document = ServedDocument(
            accessKeyID: accessKeyID, secretAccessKey: secretAccessKey, token: sessionToken ?? "",
            expiration: (expiration ?? now.advanced(bySeconds: Self.assumedLifetime)).iso8601Text)
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        do {
            return Array(try encoder.encode(document))
        } catch {
            throw AWSError(.decoding, "container endpoint", "the credentials cannot be written as JSON")
        }
    }
}
