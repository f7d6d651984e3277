/// What GetParameters found, by the names that were asked for.
package struct ParameterValues: Sendable, Hashable {
    /// The names as they were asked for, with their values.
    package let found: [String: ParameterValue]
    /// The names as they were asked for that do not exist, in that order.
    package let missing: [String]
}

extension SystemsManagerClient {
    /// Fetches parameters, decrypted, at most ten a call (the service's limit).
    ///
    /// A name may be a path, an ARN, and may end with `:version` or `:label`. Answers come in the service's own order,
    /// so they are matched by name (behaviour reference, section 1.4).
    ///
    /// - Throws: `AWSError`; a parameter that does not exist is a result, not an error.
    package func parameters(_ names: [String]) async throws(AWSError) -> ParameterValues {
        var found: [String: ParameterValue] = [:]
        var seen: Set<String> = []
        for batch in Self.batches(names.filter { seen.insert($0).inserted }) {
            let input = Input(Names: batch, WithDecryption: true)
            let output = try await context.callJSON(
                "GetParameters", targetPrefix: "AmazonSSM", input, returning: Output.self)
            for parameter in output.Parameters ?? [] {
                for name in batch where parameter.answers(name) { found[name] = parameter.value }
            }
        }
        seen = []
        let missing = names.filter { found[$0] == nil && seen.insert($0).inserted }
        return ParameterValues(found: found, missing: missing)
    }

    /// Groups of at most ten, no two of the same parameter: the service refuses `name:1` beside `name:2` in one call
    /// as duplicates.
    static func batches(_ names: [String]) -> [[String]] {
        var batches: [[String]] = []
        for name in names {
            let bare = bareName(name)
            let fitting = batches.firstIndex { batch in
                batch.count < 10 && !batch.contains { bareName($0) == bare }
            }
            if let fitting { batches[fitting].append(name) } else { batches.append([name]) }
        }
        return batches
    }

    /// The name without `:version` or `:label`; an ARN has five colons of its own.
    static func bareName(_ name: String) -> Substring {
        let parts = name.split(separator: ":", omittingEmptySubsequences: false)
        let own = name.hasPrefix("arn:") ? 6 : 1
        guard parts.count > own, let last = parts.last else { return name[...] }
        return name[..<last.startIndex].dropLast()
    }

    private struct Input: Encodable {
        var Names: [String]
        var WithDecryption: Bool
    }

    private struct Output: Decodable {
        var Parameters: [Parameter]?
    }

    private struct Parameter: Decodable {
        var Name: String
        var Value: String
        var `Type`: String?
        var ARN: String?
        var Version: Int?
        var Selector: String?

        var value: ParameterValue {
            ParameterValue(name: Name, value: Value, type: self.Type ?? "String", arn: ARN, version: Version)
        }

        /// Whether this is the answer to `asked`: same name or ARN, and the same version or label if one was asked.
        func answers(_ asked: String) -> Bool {
            let bare = SystemsManagerClient.bareName(asked)
            guard bare == Name || ARN.map({ bare == $0 }) == true else { return false }
            let suffix = String(asked.dropFirst(bare.count))
            guard !suffix.isEmpty, let Selector, !Selector.isEmpty else { return true }
            return Selector == suffix
        }
    }
}
