import Crypto
import FoundationEssentials
import Glibc
import SystemPackage

/// A sign-in through IAM Identity Center that `aws sso login` made, as a profile names it.
struct SignIn: Sendable, Hashable {
    /// What the profile lacks, when it does.
    enum Configured: Sendable {
        case complete(SignIn)
        case incomplete(String)
    }

    var startURL: String
    var region: String
    var account: String
    var role: String
    /// What the token's file is named after: the session's name, or the start URL where there are no sessions.
    var cacheName: String
    /// Tokens of sessions can be renewed.
    var isSession: Bool

    /// What a profile says of a sign-in; nil when it does not have one.
    static func configured(_ profile: [String: String], in shared: SharedConfiguration) -> Configured? {
        let session = profile["sso_session"]
        guard session != nil || profile["sso_start_url"] != nil || profile["sso_account_id"] != nil else {
            return nil
        }
        var settings = profile
        if let session {
            guard let section = shared.signIn(session) else {
                return .incomplete(
                    "its sso_session \(session.visible) has no section [sso-session \(session.visible)]")
            }
            settings.merge(section) { $1 }
        }
        let names = ["sso_start_url", "sso_region", "sso_account_id", "sso_role_name"]
        let values = names.compactMap { settings[$0].flatMap { $0.isEmpty ? nil : $0 } }
        guard values.count == names.count else {
            let missing = names.filter { settings[$0]?.isEmpty ?? true }.joined(separator: ", ")
            return .incomplete("its sign-in lacks \(missing)")
        }
        return .complete(
            SignIn(
                startURL: values[0], region: values[1], account: values[2], role: values[3],
                cacheName: session ?? values[0], isSession: session != nil))
    }

    /// Where the AWS CLI keeps the token.
    func tokenFile(home: FilePath) -> FilePath {
        let name = Insecure.SHA1.hash(data: Array(cacheName.utf8)).hexadecimal + ".json"
        return home.appending(".aws").appending("sso").appending("cache").appending(name)
    }
}

/// The token of a sign-in, as the AWS CLI keeps it; secret but for the moments.
struct SignInToken: Codable, Sendable {
    var startUrl: String?
    var region: String?
    var accessToken: String
    var expiresAt: String
    var clientId: String?
    var clientSecret: String?
    var registrationExpiresAt: String?
    var refreshToken: String?

    var expiration: Timestamp? { Timestamp(iso8601: expiresAt) }

    /// Reads a token's file; the error never shows what is in it.
    static func read(_ path: FilePath) throws(AWSError) -> SignInToken {
        let text = try SmallFile.text(at: path, limit: 256 << 10, isOwn: true)
        guard let token = try? JSONDecoder().decode(SignInToken.self, from: Data(text.utf8)) else {
            throw AWSError(.decoding, path.string, "it is not a token of a sign-in")
        }
        return token
    }

    /// Replaces the file as a whole, for this user alone.
    ///
    /// That it could not be is no failure: the token is used all the same.
    func write(_ path: FilePath) {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .withoutEscapingSlashes
        guard let bytes = try? encoder.encode(self) else { return }
        let draft = FilePath(path.string + ".\(getpid())")
        let options: FileDescriptor.OpenOptions = [.create, .exclusiveCreate, .closeOnExec, .noFollow]
        guard
            let file = try? FileDescriptor.open(
                draft, .writeOnly, options: options, permissions: .ownerReadWrite)
        else { return }
        let isWritten = (try? file.closeAfter { try file.writeAll(bytes) }) == bytes.count
        if !isWritten || rename(draft.string, path.string) != 0 { unlink(draft.string) }
    }
}
