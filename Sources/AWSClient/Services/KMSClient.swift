/// Key Management Service: only what client-side encryption and checks need.
package struct KMSClient: Sendable {
    let context: ServiceContext
    static let targetPrefix = "TrentService"

    /// A client over a context of `.kms`.
    package init(context: ServiceContext) {
        self.context = context
    }

    /// Calls an operation; `keyID` is what messages name.
    func call<Input: Encodable, Output: Decodable>(
        _ operation: String, _ input: Input, keyID: String?, returning: Output.Type
    ) async throws(AWSError) -> Output {
        try await context.callJSON(
            operation, targetPrefix: Self.targetPrefix, input, resource: keyID, returning: Output.self)
    }

    func bytes(_ base64: String, _ operation: String) throws(AWSError) -> [UInt8] {
        if let bytes = [UInt8](base64: base64) { return bytes }
        throw AWSError(.decoding, context.subject(operation), "a binary field is not base64")
    }
}

/// A plain key or message.
///
/// It hides itself in every text rendering.
package struct PlainBytes: Sendable, Hashable, CustomStringConvertible, CustomDebugStringConvertible,
    CustomReflectable
{
    /// The bytes, in the clear.
    package let bytes: [UInt8]

    /// Hides these bytes.
    package init(bytes: [UInt8]) {
        self.bytes = bytes
    }

    /// How many, and nothing else.
    package var description: String { "\(bytes.count) hidden bytes" }
    /// The same as `description`.
    package var debugDescription: String { description }
    /// A mirror without the bytes.
    package var customMirror: Mirror { Mirror(self, children: ["count": bytes.count]) }
}
