/// Why a text is no reference to a secret.
package struct InvalidSecretReference: Error, Sendable, Hashable, CustomStringConvertible {
    /// The closed set of reasons.
    package enum Code: Sendable, Hashable, CaseIterable {
        case noSecret
        case incompleteARN
        case tooManyParts
        case stageAndID
        case otherService
    }

    /// Which reason.
    package let code: Code
    /// The text that is no reference.
    package let text: String

    /// The text and the reason.
    package var description: String {
        switch code {
        case .noSecret: "the secret reference '\(text)' names no secret"
        case .incompleteARN: "the secret reference '\(text)' begins with an incomplete ARN"
        case .tooManyParts: "the secret reference '\(text)' has too many parts"
        case .otherService: "the secret reference '\(text)' is the ARN of no secret"
        case .stageAndID: "the secret reference '\(text)' gives both a version stage and a version id"
        }
    }

    /// What to try.
    package var hint: String? {
        code == .stageAndID
            ? "give a version stage or a version id, not both"
            : "write secret-id:json-key:version-stage:version-id; all but the first may be left out"
    }
}

extension SecretReference {
    /// Colons in the ARN of a secret separate this many parts.
    private static let partsOfARN = 7

    /// Reads `<secret-id>[:<json-key>[:<version-stage>[:<version-id>]]]`, where the secret id may be an ARN (behaviour
    /// reference, section 1.4).
    ///
    /// - Throws: `InvalidSecretReference` when the text does not follow the grammar.
    package init(parsing text: String) throws(InvalidSecretReference) {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
        let isARN = text.hasPrefix("arn:")
        let idParts = isARN ? Self.partsOfARN : 1
        guard parts.count >= idParts else { throw InvalidSecretReference(code: .incompleteARN, text: text) }
        guard !isARN || (parts[2] == "secretsmanager" && parts[5] == "secret") else {
            throw InvalidSecretReference(code: .otherService, text: text)
        }
        let rest = parts.dropFirst(idParts).map { $0.isEmpty ? nil : $0 }
        guard rest.count <= 3 else { throw InvalidSecretReference(code: .tooManyParts, text: text) }
        let id = parts.prefix(idParts).joined(separator: ":")
        guard !id.isEmpty, !isARN || parts[Self.partsOfARN - 1] != "" else {
            throw InvalidSecretReference(code: .noSecret, text: text)
        }
        let stage = rest.count > 1 ? rest[1] : nil
        let version = rest.count > 2 ? rest[2] : nil
        guard stage == nil || version == nil else {
            throw InvalidSecretReference(code: .stageAndID, text: text)
        }
        self.init(
            secretID: id, jsonKey: rest.first ?? nil, versionStage: stage, versionID: version)
    }
}
