public import Diagnostics

/// `env`: variables of the build and where secret ones come from (reference 1.4).
///
/// Lists keep document order.
public struct Environment: Sendable, Hashable {
    /// `env/shell`, as written (`bash`, `/bin/sh`, `powershell.exe`, ...).
    ///
    /// Nil means `sh`.
    public var shell: Marked<String>?
    /// `env/variables`: literal text, never expanded; a null value is the empty string.
    public var variables: [NamedValue<String>]
    /// `env/parameter-store`: variable name to SSM parameter name.
    public var parameterStore: [NamedValue<String>]
    /// `env/secrets-manager`: variable name to secret reference.
    public var secretsManager: [NamedValue<SecretReference>]
    /// `env/exported-variables`.
    public var exportedVariables: [Marked<String>]
    /// `env/git-credential-helper`; nil when not given (then no).
    public var gitCredentialHelper: Marked<Bool>?

    /// Makes an environment that says nothing.
    public init() {
        variables = []
        parameterStore = []
        secretsManager = []
        exportedVariables = []
    }
}

/// `<secret-id>[:<json-key>[:<version-stage>[:<version-id>]]]` (reference 1.4).
public struct SecretReference: Sendable, Hashable {
    /// Name, or full or partial ARN, of the secret.
    public var secretID: String
    /// Key inside the secret's JSON; nil for the whole SecretString.
    public var jsonKey: String?
    /// Version stage; nil (and no version id) means `AWSCURRENT`.
    public var versionStage: String?
    /// Version id; excludes a stage.
    public var versionID: String?

    /// Makes a reference from its parts.
    public init(
        secretID: String, jsonKey: String? = nil, versionStage: String? = nil, versionID: String? = nil
    ) {
        self.secretID = secretID
        self.jsonKey = jsonKey
        self.versionStage = versionStage
        self.versionID = versionID
    }
}

/// `proxy`: whether the agent itself uses the explicit proxy (reference 1.5).
public struct Proxy: Sendable, Hashable {
    /// `proxy/upload-artifacts`; nil when not given (then no).
    public var uploadArtifacts: Marked<Bool>?
    /// `proxy/logs`; nil when not given (then no).
    public var logs: Marked<Bool>?

    /// Makes a section that says nothing.
    public init() {}
}
