/// Keys that sign requests.
///
/// They hide themselves: no text rendering shows the secret key or the token.
package struct Credentials: Sendable, Hashable {
    /// The public part.
    package let accessKeyID: String
    /// Secret.
    package let secretAccessKey: String
    /// Secret; temporary credentials have one.
    package let sessionToken: String?
    /// When they end; nil for long-lived keys.
    package let expiration: Timestamp?
    /// Where they come from, in words: `environment variables`.
    package let source: String

    /// Credentials from their parts.
    package init(
        accessKeyID: String, secretAccessKey: String, sessionToken: String? = nil,
        expiration: Timestamp? = nil,
        source: String
    ) {
        self.accessKeyID = accessKeyID
        self.secretAccessKey = secretAccessKey
        self.sessionToken = sessionToken
        self.expiration = expiration
        self.source = source
    }

    /// The values that must never be shown, for a masker.
    package var secretValues: [String] { [secretAccessKey] + (sessionToken.map { [$0] } ?? []) }

    /// Why these can not be right, in words that do not show them: a line end from a file is the usual reason.
    var flaw: String? {
        let parts = [
            ("access key id", accessKeyID), ("secret access key", secretAccessKey),
            ("session token", sessionToken ?? "x"),
        ]
        let flawed = parts.first { part in
            part.1.isEmpty || !part.1.utf8.allSatisfy { (33...126).contains($0) }
        }
        return flawed.map { "its \($0.0) is empty, or holds a blank, a line end or another odd character" }
    }
}

extension Credentials: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The source and the last four characters of the access key.
    package var description: String { "credentials ****\(accessKeyID.suffix(4)) from \(source)" }

    /// The same as `description`.
    package var debugDescription: String { description }

    /// A mirror without the secrets, so that `dump` and string interpolation of a container show nothing.
    package var customMirror: Mirror { Mirror(self, children: ["source": source]) }
}

extension Credentials {
    /// The same keys, taken to end at a moment.
    package func ending(at expiration: Timestamp) -> Credentials {
        Credentials(
            accessKeyID: accessKeyID, secretAccessKey: secretAccessKey, sessionToken: sessionToken,
            expiration: expiration, source: source)
    }
}
