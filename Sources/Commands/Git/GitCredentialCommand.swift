import AWSClient
import ArgumentParser
import SystemPackage

/// `buildspec git-credential`: what git calls in builds with `env/git-credential-helper` (gitcredentials(7),
/// git-credential(1)).
///
/// For hosts that are not CodeCommit's, and for connections that are not encrypted, it says nothing: git then asks the
/// next helper.
struct GitCredentialCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "git-credential",
        abstract: "Give git the credentials of a CodeCommit repository; git calls this itself.",
        discussion: """
            Example:
              git -c credential.UseHttpPath=true -c credential.helper='!buildspec git-credential' clone URL
            """,
        shouldDisplay: false)

    @Argument(help: "get; anything else does nothing.")
    var operation: String

    func run() async throws {
        // Read in any case: git does not expect that nobody listens.
        let question = GitCredentialQuestion(try SmallInputFile.read(.standardInput))
        guard operation == "get", question.scheme == "https", let host = question.host,
            let path = question.path, GitCredential.isCodeCommit(host: host)
        else { return }
        do {
            let configuration = try AWSConfiguration(environment: RunnerEnvironment.current.variables)
            let credentials = try await withAWSSession(configuration) { session in
                try await session.credentials.credentials()
            }
            let answer = GitCredential(
                host: host, path: path, credentials: credentials, at: WallClock.system.now())
            guard let answer else { return }
            Console.out("username=\(answer.username)\npassword=\(answer.password)\n")
        } catch let error as AWSError {
            throw CommandFailure(
                .runner, "git-credential: \(error)",
                hint: "a build has AWS credentials when it is run with --aws-credentials")
        }
    }
}

/// What git asks: lines of `name=value`.
struct GitCredentialQuestion: Sendable, Hashable {
    /// `protocol`.
    var scheme: String?
    /// `host`, with a port if there is one.
    var host: String?
    /// `path`; there with `credential.UseHttpPath`.
    var path: String?

    init(_ bytes: [UInt8]) {
        for line in bytes.split(separator: UInt8(ascii: "\n")) {
            let text = String(decoding: line, as: UTF8.self)
            guard let equals = text.unicodeScalars.firstIndex(of: "=") else { continue }
            let value = String(text.unicodeScalars[equals...].dropFirst())
            switch text[..<equals] {
            case "protocol": scheme = value
            case "host": host = value
            case "path": path = value
            default: break
            }
        }
    }
}
