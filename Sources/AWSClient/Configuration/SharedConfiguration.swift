import SystemPackage

/// What the two shared files say together.
///
/// A missing file is an empty one.
struct SharedConfiguration: Sendable {
    let configPath: FilePath?
    let credentialsPath: FilePath?
    private let config: SharedConfigFile
    private let credentials: SharedConfigFile

    /// Reads `AWS_CONFIG_FILE` and `AWS_SHARED_CREDENTIALS_FILE`, by default the files in `HOME/.aws`.
    ///
    /// - Throws: `AWSError` when a file exists but can not be read, is larger than 4 MiB, or is no text.
    init(environment: [String: String]) throws(AWSError) {
        configPath = Self.path(environment, "AWS_CONFIG_FILE", "config")
        credentialsPath = Self.path(environment, "AWS_SHARED_CREDENTIALS_FILE", "credentials")
        config = SharedConfigFile(try Self.text(configPath), as: .config)
        credentials = SharedConfigFile(try Self.text(credentialsPath), as: .credentials)
    }

    /// The settings of a profile; where both files have a key, the credentials file wins.
    ///
    /// Nil when neither knows it.
    func profile(_ name: String) -> [String: String]? {
        guard let fromConfig = config.profiles[name] else { return credentials.profiles[name] }
        return fromConfig.merging(credentials.profiles[name] ?? [:]) { $1 }
    }

    /// The settings of a `[services name]` section.
    func services(_ name: String) -> [String: String] { config.services[name] ?? [:] }

    /// The settings of an `[sso-session name]` section; nil when there is none.
    func signIn(_ name: String) -> [String: String]? { config.signIns[name] }

    /// Whether the credentials file itself, not the configuration file, has keys for a profile.
    func hasKeysInCredentialsFile(_ name: String) -> Bool {
        let profile = credentials.profiles[name]
        return profile?["aws_access_key_id"] != nil || profile?["aws_secret_access_key"] != nil
    }

    private static func path(_ environment: [String: String], _ variable: String, _ name: String) -> FilePath?
    {
        let home = environment["HOME"].flatMap { $0.isEmpty ? nil : FilePath($0) }
        guard let given = environment[variable], !given.isEmpty else {
            return home?.appending(".aws").appending(name)
        }
        if given.hasPrefix("~/"), let home { return home.appending(String(given.dropFirst(2))) }
        return FilePath(given)
    }

    private static func text(_ path: FilePath?) throws(AWSError) -> String {
        guard let path else { return "" }
        let text: String
        do {
            text = try SmallFile.text(at: path, limit: 4 << 20)
        } catch let error where error.isMissingFile {
            return ""
        }
        // Whatever goes on to the system as a C string would end there: half a command, half a path.
        guard !text.utf8.contains(0) else {
            throw AWSError(
                .configuration, path.string, "it holds NUL bytes",
                hint: "save it as text in UTF-8; an editor may have made it UTF-16")
        }
        return text
    }
}

extension AWSError {
    var isMissingFile: Bool {
        if case .file(_, let errno) = kind {
            return errno == .noSuchFileOrDirectory || errno == .notDirectory
        }
        return false
    }
}
