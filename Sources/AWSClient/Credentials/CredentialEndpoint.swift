/// Where a build asks for credentials: the container credentials endpoint of one build, on the loopback interface.
///
/// It answers as the endpoint of CodeBuild and ECS does, so every AWS SDK knows how to ask it and asks again before
/// credentials end. Live only inside ``withCredentialEndpoint(path:source:willServe:didFail:_:)``.
package struct CredentialEndpoint: Sendable {
    /// What `AWS_CONTAINER_CREDENTIALS_FULL_URI` is to be: `http://127.0.0.1:<port>/<path>`.
    package let url: String
    /// What a request must have in its field `Authorization`: 256 random bits, another for each endpoint.
    ///
    /// Secret.
    package let token: String
}

/// What one endpoint answers, without the network.
struct CredentialResponder: Sendable {
    /// A request without its fields that do not matter.
    struct Request: Sendable {
        var method: String
        var target: String
        var authorization: [String]
        /// Whether a body was announced.
        var hasBody: Bool
    }

    /// A status and a JSON body.
    struct Response: Sendable {
        var status: Int
        var body: [UInt8]
    }

    let path: String
    let token: String
    let source: CredentialProvider
    let clock: WallClock
    let willServe: @Sendable (Credentials) async -> Bool
    let didFail: @Sendable (AWSError) -> Void

    /// Answers a request: credentials for the one right question, a short refusal for any other.
    func respond(to request: Request) async -> Response {
        guard request.target == path else { return .refusal(404, "NotFound", "nothing is here") }
        guard request.method == "GET" else { return .refusal(405, "MethodNotAllowed", "only GET is served") }
        guard !request.hasBody else { return .refusal(413, "RequestTooLarge", "a GET has no body here") }
        guard let given = request.authorization.first, request.authorization.count == 1 else {
            return .refusal(401, "Unauthorized", "the Authorization token is missing")
        }
        guard Self.isEqual(given, token) else {
            return .refusal(403, "AccessDenied", "the Authorization token is not this build's")
        }
        do throws(AWSError) {
            let credentials = try await source.credentials()
            guard await willServe(credentials) else {
                return .refusal(500, "InternalError", "the credentials cannot be hidden in the build's log")
            }
            return Response(status: 200, body: try credentials.document(at: clock.now()))
        } catch {
            // Its words name profiles, roles and files of the host: they are for the runner's side only.
            didFail(error)
            return .refusal(500, "CredentialsUnavailable", "the runner has no valid credentials")
        }
    }

    /// Compares in a time that tells nothing but the length, which is no secret.
    static func isEqual(_ left: String, _ right: String) -> Bool {
        guard left.utf8.count == right.utf8.count else { return false }
        return zip(left.utf8, right.utf8).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
    }
}

extension CredentialResponder.Response {
    /// An error as the SDKs read it; both texts are plain words of ours.
    static func refusal(_ status: Int, _ code: String, _ message: String) -> Self {
        Self(status: status, body: Array(#"{"code":"\#(code)","message":"\#(message)"}"#.utf8))
    }
}
