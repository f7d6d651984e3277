package import BuildProject
package import Sandbox
package import SystemPackage

/// Every decision about one build, made before it begins: flags, defaults and precedence play no part after this.
package struct BuildPlan: Sendable {
    /// Who the build is.
    package var identity: BuildIdentity
    /// The project's settings.
    package var project: BuildProject
    /// What is built.
    package var source: SourcePlan
    /// Secondary sources by identifier.
    package var secondarySources: [(identifier: String, source: SourcePlan)]
    /// Where the buildspec is.
    package var buildspec: BuildspecLocation
    /// Start-build variables: highest precedence.
    package var overrides: [ProjectVariable]
    /// Where commands run.
    package var sandbox: SandboxPlan
    /// How artifacts are encrypted.
    package var encryption: EncryptionPlan
    /// When the build is ended.
    package var timeout: Duration
    /// Where the build leaves its record, its log and its files.
    package var directories: BuildDirectories
    /// Where caches are kept on this machine from build to build; nil when the project has none.
    package var cacheDirectory: FilePath?
    /// Where caches are kept instead that the project shares with other machines.
    package var sharedCache: SharedCachePlan?
    /// Where the log goes besides the build's own directory.
    package var logs = LogsPlan()
    /// Whether the workspace stays after the build.
    package var keepsWorkspace: Bool
    /// Whether `codebuild-breakpoint` pauses the build.
    package var isDebugged = false
    /// Whether artifacts go to the buckets that the project names, not to one for all.
    package var usesProjectBuckets = false
    /// Whether a pipeline's action gives the sources and takes the artifacts (behaviour reference, sections 5.4 and 6.7).
    package var isOfPipeline = false
    /// What tells other runners that this build is running; without one, nobody else uses its directories.
    package var claim: BuildClaim?
    /// What the person who runs the build should know about its plan.
    package var remarks: [String] = []
    /// The same, as lines of the log.
    package var announcements: [String] = []

    /// Gathers the decisions.
    package init(
        identity: BuildIdentity, project: BuildProject, source: SourcePlan, buildspec: BuildspecLocation,
        sandbox: SandboxPlan, encryption: EncryptionPlan, directories: BuildDirectories
    ) {
        self.identity = identity
        self.project = project
        self.source = source
        self.buildspec = buildspec
        self.sandbox = sandbox
        self.encryption = encryption
        self.directories = directories
        secondarySources = []
        overrides = []
        timeout = .seconds(project.timeoutInMinutes * 60)
        keepsWorkspace = false
    }
}

/// Who a build is: its ids, names and numbers.
package struct BuildIdentity: Sendable, Hashable {
    /// The project's name.
    package var projectName: String
    /// The build's uuid, in lower case.
    package var uuid: String
    /// Counts up per project.
    package var number: Int
    /// AWS region id.
    package var region: String
    /// Twelve digits; zeros when no account is involved.
    package var account: String
    /// Who started the build.
    package var initiator: String

    /// Names a build.
    package init(
        projectName: String, uuid: String, number: Int, region: String, account: String, initiator: String
    ) {
        self.projectName = projectName
        self.uuid = uuid
        self.number = number
        self.region = region
        self.account = account
        self.initiator = initiator
    }

    /// `<project>:<uuid>`.
    package var buildID: String { "\(projectName):\(uuid)" }

    /// `arn:aws:codebuild:<region>:<account>:build/<project>:<uuid>`, in the region's partition.
    package var buildARN: String { "arn:\(partition):codebuild:\(region):\(account):build/\(buildID)" }

    /// `aws`, `aws-cn` or `aws-us-gov`.
    package var partition: String {
        if region.hasPrefix("cn-") { return "aws-cn" }
        if region.hasPrefix("us-gov-") { return "aws-us-gov" }
        return "aws"
    }
}

/// A source tree: on this machine, or somewhere it is fetched from.
package struct SourcePlan: Sendable, Hashable {
    /// What kind of thing `path` is.
    package enum Kind: String, Sendable, Hashable {
        case directory
        case archive
        /// There is none: the build begins in an empty directory.
        case none = "no_source"
        /// It is fetched when the build begins.
        case remote
    }

    /// What it is.
    package var kind: Kind
    /// Where it is.
    package var path: FilePath
    /// In a git work tree its commit: 40 hexadecimal digits.
    package var commit: String?
    /// The URL that a git work tree was cloned from, without credentials.
    package var repositoryURL: String?
    /// The version that was asked for; nil for the commit of a git work tree.
    package var version: String?
    /// What is fetched; only for kind `remote`, which needs it.
    package var remote: RemoteSource?
    /// The project's word for it, when it is the project's own.
    package var projectKind: ProjectSource.Kind?
    /// Where below `src` the files go, as `github.com/<org>/<repo>` does (behaviour reference, section 5.4).
    package var layout: FilePath?

    /// Names a source.
    package init(kind: Kind, path: FilePath, commit: String? = nil, repositoryURL: String? = nil) {
        self.kind = kind
        self.path = path
        self.commit = commit
        self.repositoryURL = repositoryURL
    }

    /// Names a source that is fetched.
    package init(fetching remote: RemoteSource) {
        self.init(kind: .remote, path: FilePath(remote.url), repositoryURL: remote.url)
        self.remote = remote
        version = remote.version
        if case .git(let git) = remote { layout = git.layout }
    }
}

/// Where a build's buildspec comes from (behaviour reference, section 1.1).
package enum BuildspecLocation: Sendable, Hashable {
    /// `buildspec.yml`, then `buildspec.yaml`, at the source's root.
    case defaultFile
    /// A file of the source, by its path there.
    case file(FilePath)
    /// An object in S3, which is fetched when the build begins.
    case object(bucket: String, key: String)
    /// Text from elsewhere, such as standard input; `name` is what diagnostics call it.
    case inline(text: [UInt8], name: String)
}

/// Whether a build in bubblewrap may change the system directories.
package enum SystemPlan: String, Sendable, Hashable {
    /// It may, in a throw-away copy, where the machine allows that; else it may not, and the log says so.
    case writableWherePermitted
    /// It may, in a throw-away copy; a machine that does not allow that cannot run the build.
    case overlay
    /// It may not.
    case readOnly = "read-only"
}

/// Where commands run.
package struct SandboxPlan: Sendable, Hashable {
    /// bubblewrap, a container or the host.
    package var kind: SandboxConfiguration.Kind
    /// The build's network.
    package var network: SandboxConfiguration.Network
    /// Executables offered in `/codebuild/user/bin`.
    package var tools: [String: FilePath]
    /// Whether the build may change the system directories.
    package var system: SystemPlan
    /// Whether what the build changes there is kept in memory, not on the disk of its workspace.
    package var keepsSystemInMemory = false
    /// A directory of the user's cache for what sandboxes with a writable system share; nil to share nothing.
    package var systemCache: FilePath?
    /// A directory offered as `/codebuild/image`, read-only; nil for what image or machine have there.
    package var imageFiles: FilePath?
    /// Image and engine; only for kind `container`, which needs it.
    package var container: ContainerSettings?
    /// The project's image, which counts as the build's even where commands run elsewhere.
    package var projectImage: String?

    /// What `environment.image` of the record and `CODEBUILD_BUILD_IMAGE` say.
    package var imageName: String { container?.image ?? projectImage ?? kind.rawValue }

    /// Describes where commands run.
    package init(
        kind: SandboxConfiguration.Kind, network: SandboxConfiguration.Network,
        tools: [String: FilePath] = [:], system: SystemPlan = .readOnly
    ) {
        self.kind = kind
        self.network = network
        self.tools = tools
        self.system = system
    }
}

/// How artifacts are encrypted on their way to the store.
package struct EncryptionPlan: Sendable, Hashable {
    /// Who encrypts.
    package enum Mode: String, Sendable, Hashable {
        /// S3, with a KMS key.
        case serverSide = "sse-kms"
        /// The runner: AWS Encryption SDK messages, with the suffix `.enc`.
        case client
        /// Nobody.
        case none
    }

    /// Who encrypts.
    package var mode: Mode
    /// The key as it may be shown: a KMS key id, ARN or alias, or `local`.
    ///
    /// Nil for S3's own default key.
    package var keyName: String?
    /// The project's key, which `CODEBUILD_KMS_KEY_ID` names even where artifacts are encrypted otherwise.
    package var projectKey: String?
    /// Whether somebody asked for encryption when the build was started, which outweighs a project's
    /// `encryptionDisabled`.
    package var isDemanded = false

    /// Describes the encryption.
    package init(mode: Mode, keyName: String?) {
        self.mode = mode
        self.keyName = keyName
    }

    /// What `CODEBUILD_KMS_KEY_ID` says.
    package func keyID(region: String, account: String, partition: String) -> String {
        guard let keyName, mode == .serverSide || keyName != "local" else {
            return projectKey ?? "arn:\(partition):kms:\(region):\(account):alias/aws/s3"
        }
        return keyName
    }
}
