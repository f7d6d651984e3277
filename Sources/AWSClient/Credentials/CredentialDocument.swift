import FoundationEssentials

/// The JSON that credential processes, container endpoints and the instance metadata service answer with.
struct CredentialDocument: Decodable {
    var version: Int?
    var code: String?
    var accessKeyID: String?
    var secretAccessKey: String?
    var sessionToken: String?
    var token: String?
    var expiration: String?

    enum CodingKeys: String, CodingKey {
        case version = "Version"
        case code = "Code"
        case accessKeyID = "AccessKeyId"
        case secretAccessKey = "SecretAccessKey"
        case sessionToken = "SessionToken"
        case token = "Token"
        case expiration = "Expiration"
    }

    /// The credentials in a document.
    ///
    /// - Throws: `AWSError` (`decoding`); the text never shows what the document holds.
    static func credentials(
        in bytes: [UInt8], source: String, version: Int? = nil
    ) throws(AWSError) -> Credentials {
        let document: CredentialDocument
        do {
            document = try JSONDecoder().decode(CredentialDocument.self, from: Data(bytes))
        } catch {
            throw AWSError(.decoding, source, "the answer is not a JSON document of credentials")
        }
        if let version, document.version != version {
            throw AWSError(.decoding, source, "its Version is not \(version)")
        }
        if let code = document.code, code != "Success" {
            throw AWSError(.decoding, source, "it answers \(code.prefix(64))")
        }
        guard let id = document.accessKeyID, let secret = document.secretAccessKey else {
            throw AWSError(.decoding, source, "the answer lacks AccessKeyId or SecretAccessKey")
        }
        let expiration = document.expiration.map(Timestamp.init(iso8601:))
        if case .some(nil) = expiration {
            throw AWSError(.decoding, source, "its Expiration is not a moment in ISO 8601")
        }
        // Endpoints that serve long-lived keys send an empty one, because SDKs insist on the field.
        let token = (document.sessionToken ?? document.token).flatMap { $0.isEmpty ? nil : $0 }
        return Credentials(
            accessKeyID: id, secretAccessKey: secret, sessionToken: token,
            expiration: expiration ?? nil, source: source)
    }
}
