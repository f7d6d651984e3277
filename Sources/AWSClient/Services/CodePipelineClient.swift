/// CodePipeline: what a worker of a custom action asks and answers (behaviour reference, section 11).
package struct CodePipelineClient: Sendable {
    let context: ServiceContext

    /// A client over a context of `.codePipeline`.
    package init(context: ServiceContext) {
        self.context = context
    }

    func call<Input: Encodable, Output: Decodable>(
        _ operation: String, _ input: Input, jobID: String? = nil, returning: Output.Type = Output.self
    ) async throws(AWSError) -> Output {
        try await context.callJSON(
            operation, targetPrefix: "CodePipeline_20150709", input, resource: jobID, returning: Output.self)
    }

    /// An answer without fields.
    struct Nothing: Decodable {}
}

/// `actionTypeId`: the custom action whose jobs a worker takes; its category is Build, its owner Custom.
package struct BuildActionType: Sendable, Hashable {
    /// 1 to 35 characters of `[0-9A-Za-z_-]`.
    package let provider: String
    /// 1 to 9 characters of `[0-9A-Za-z_-]`.
    package let version: String

    /// A custom build action; nil where a name is not one that CodePipeline takes.
    package init?(provider: String, version: String) {
        guard Self.isName(provider, upTo: 35), Self.isName(version, upTo: 9) else { return nil }
        self.provider = provider
        self.version = version
    }

    private static func isName(_ text: String, upTo limit: Int) -> Bool {
        (1...limit).contains(text.utf8.count)
            && text.utf8.allSatisfy {
                (0x30...0x39).contains($0) || (0x41...0x5A).contains($0) || (0x61...0x7A).contains($0)
                    || $0 == 0x5F || $0 == 0x2D
            }
    }
}
