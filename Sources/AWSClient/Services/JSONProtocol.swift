import FoundationEssentials

extension ServiceContext {
    /// Calls an operation of a service that speaks JSON 1.1 (KMS, Systems Manager, CodePipeline, CloudWatch Logs, ...).
    ///
    /// Input and output are encoded with their property names as they are; moments are numbers of seconds since 1970.
    ///
    /// - Parameters:
    ///   - operation: the operation, `GetParameters`.
    ///   - targetPrefix: the service's part of `X-Amz-Target`, `AmazonSSM`.
    ///   - input: the request's fields; nil properties are left out.
    ///   - resource: what messages name besides the operation; never a secret.
    ///   - returning: the type of the answer.
    /// - Returns: the decoded answer; an empty body is read as `{}`.
    /// - Throws: `AWSError`
    package func callJSON<Input: Encodable, Output: Decodable>(
        _ operation: String, targetPrefix: String, _ input: Input, resource: String? = nil,
        returning: Output.Type = Output.self
    ) async throws(AWSError) -> Output {
        let subject = subject(operation) + (resource.map { " " + $0.visible } ?? "")
        var request = AWSRequest("POST", endpoint)
        request.headers["Content-Type"] = "application/x-amz-json-1.1"
        request.headers["X-Amz-Target"] = targetPrefix + "." + operation
        let encoder = JSONEncoder()
        encoder.dateEncodingStrategy = .secondsSince1970
        do {
            request.body = .bytes([UInt8](try encoder.encode(input)))
        } catch {
            throw AWSError(.invalidArgument, subject, "the request could not be written as JSON")
        }
        let answer = try await send(request, subject)
        let decoder = JSONDecoder()
        decoder.dateDecodingStrategy = .secondsSince1970
        do {
            return try decoder.decode(
                Output.self, from: answer.body.isEmpty ? Data("{}".utf8) : Data(answer.body))
        } catch {
            throw AWSError(.decoding, subject, "the answer is not the JSON it should be: \(JSONPath(error))")
        }
    }
}

/// Where in a document decoding failed.
///
/// The values there may be secret, so only names are told.
struct JSONPath: CustomStringConvertible {
    let description: String

    init(_ error: any Error) {
        guard let error = error as? DecodingError else {
            description = "unreadable"
            return
        }
        let (context, what): (DecodingError.Context, String) =
            switch error {
            case .keyNotFound(let key, let context): (context, "\(key.stringValue) is missing")
            case .typeMismatch(_, let context): (context, "of another type")
            case .valueNotFound(_, let context): (context, "null")
            case .dataCorrupted(let context): (context, "malformed")
            @unknown default: (DecodingError.Context(codingPath: [], debugDescription: ""), "unreadable")
            }
        let path = context.codingPath.map(\.stringValue).joined(separator: ".")
        description = path.isEmpty ? what : "\(path): \(what)"
    }
}
