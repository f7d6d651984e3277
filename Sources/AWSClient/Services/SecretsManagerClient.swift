/// Secrets Manager.
package struct SecretsManagerClient: Sendable {
    let context: ServiceContext

    /// A client over a context of `.secretsManager`.
    package init(context: ServiceContext) {
        self.context = context
    }
}

/// A secret's value.
///
/// It hides itself in every text rendering.
package struct SecretValue: Sendable, Hashable, CustomStringConvertible, CustomDebugStringConvertible,
    CustomReflectable
{
    /// The secret's name.
    package let name: String
    /// The secret's ARN.
    package let arn: String?
    /// The version the value belongs to.
    package let versionID: String?
    /// The text in the clear; nil for a binary secret.
    package let text: String?

    /// The name.
    package var description: String { "secret \(name)" }
    /// The same as `description`.
    package var debugDescription: String { description }
    /// A mirror without the value.
    package var customMirror: Mirror { Mirror(self, children: ["name": name]) }
}
