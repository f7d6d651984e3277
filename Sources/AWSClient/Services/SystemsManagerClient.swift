/// Systems Manager: Parameter Store.
package struct SystemsManagerClient: Sendable {
    let context: ServiceContext

    /// A client over a context of `.ssm`.
    package init(context: ServiceContext) {
        self.context = context
    }
}

/// A parameter's value.
///
/// It hides itself in every text rendering, whatever its type: a plain String parameter may hold a password
/// too.
package struct ParameterValue: Sendable, Hashable, CustomStringConvertible, CustomDebugStringConvertible,
    CustomReflectable
{
    /// The parameter's own name, without version or label.
    package let name: String
    /// The value in the clear; a StringList is its comma-joined text.
    package let value: String
    /// `String`, `StringList` or `SecureString`.
    package let type: String
    /// The parameter's ARN.
    package let arn: String?
    /// The version the value belongs to.
    package let version: Int?

    /// Name and type.
    package var description: String { "\(type) parameter \(name)" }
    /// The same as `description`.
    package var debugDescription: String { description }
    /// A mirror without the value.
    package var customMirror: Mirror { Mirror(self, children: ["name": name, "type": type]) }
}
