import BuildEngine
import BuildProject
import Glibc
import Sandbox
import SystemPackage

/// What a `run` (or `plan`) was asked for: the arguments as one value, checked against each other.
struct RunRequest: Sendable {
    /// `--output`.
    enum Output: Sendable, Hashable {
        case defaultDirectory
        case directory(FilePath)
        case bucket(name: String, prefix: String)
    }

    /// `--encryption-key`.
    enum Key: Sendable, Hashable {
        case kms(String)
        case local(FilePath)
    }

    /// SOURCE as it was given; nil when it was not.
    var source: String?
    var fetch: FetchRequest
    /// `--project`, if given.
    var project: ProjectRequest?
    var buildspec: String?
    var variables: [ProjectVariable]
    var secondarySources: [(identifier: String, place: String)]
    var sandbox: SandboxOptions.Choice
    var container: ContainerSettings?
    var network: SandboxConfiguration.Network
    var system: SystemPlan
    /// Whether the build's commands may use the runner's AWS credentials.
    var lendsCredentials: Bool
    var output: Output
    var encryption: EncryptionPlan.Mode
    /// What S3 does beside encryption on the client's side.
    var serverSide: OutputOptions.ServerSide?
    /// The KMS key for it.
    var serverSideKey: String?
    /// Whether the command line says how artifacts are encrypted.
    var isEncryptionDemanded: Bool
    var key: Key?
    /// Who else opens what is encrypted on the client's side.
    var furtherKeys: [Key]
    var aws: AWSRequest
    /// `--timeout`; nil leaves it to the project.
    var timeout: Duration?
    var logFormat: BuildLog.Format
    var masksEncodedForms: Bool
    var record: FilePath?
    var keepsWorkspace: Bool
    /// Whether `codebuild-breakpoint` pauses the build.
    var isDebugged: Bool
    var delivery = DeliveryRequest()
    /// Where the project's S3 cache is kept; nil keeps caches on this machine.
    var sharedCache: SharedCachePlan?

    /// Makes a request of the options.
    /// - Throws: ``CommandFailure`` with status `usage` when options are malformed or contradict each other.
    init(
        _ source: SourceOptions, _ sandbox: SandboxOptions, _ output: OutputOptions, _ aws: AWSOptions,
        _ reporting: ReportingOptions
    ) throws(CommandFailure) {
        let environment = RunnerEnvironment.current
        self.source = source.source
        fetch = try FetchRequest(source.fetch)
        buildspec = source.buildspec
        variables = try VariableArguments.read(source, environment)
        secondarySources = try Self.secondarySources(source.secondarySource)
        self.sandbox = sandbox.sandbox
        self.aws = AWSRequest(aws)
        try Self.check(region: aws.place.region)
        project = try ProjectRequest.read(source.project, region: self.aws.region(environment), environment)
        if self.sandbox == .container, sandbox.container.image == nil, let project = project?.project {
            try Self.needImage(of: project)
        }
        container = try sandbox.container.settings(
            sandbox.sandbox, environment, project?.project.environment)
        network = sandbox.network == .none ? .none : .host
        system =
            switch sandbox.root {
            case nil: .writableWherePermitted
            case .overlay: .overlay
            case .readOnly: .readOnly
            }
        if self.sandbox == .host, sandbox.root != nil {
            throw .usage(
                "--root: the host sandbox has the host's own root", hint: "use --sandbox bubblewrap")
        }
        if self.sandbox == .host, network == .none {
            throw .usage(
                "--network none: the host sandbox cannot take the network away",
                hint: "use --sandbox bubblewrap")
        }
        lendsCredentials = sandbox.awsCredentials
        if lendsCredentials, network == .none {
            throw .usage(
                "--aws-credentials: contradicts --network none, with which nothing reaches AWS",
                hint: "leave one of them out")
        }
        if lendsCredentials, let option = container?.ownNetworkOption {
            throw .usage(
                "--aws-credentials: contradicts --engine-option \(option), a network where the credentials cannot be "
                    + "reached", hint: "leave one of them out")
        }
        self.output = try Self.output(output.output, environment)
        let keys = try Key.read(output.encryptionKey, environment)
        (key, furtherKeys) = (keys.first, Array(keys.dropFirst()))
        let isInBuckets = project?.storesInBuckets == true
        let place = isInBuckets ? Output.bucket(name: "", prefix: "") : self.output
        encryption = try Self.encryption(output.encryption, place, key)
        isEncryptionDemanded = output.encryption != nil || key != nil
        (serverSide, serverSideKey) = (output.sse, output.sseKmsKeyID)
        try Self.check(output, place, encryption)
        guard encryption == .client || furtherKeys.isEmpty else {
            throw .usage(
                "--encryption-key: S3 encrypts with one key",
                hint: "add --encryption client, so that several keys can open an artifact")
        }
        timeout = try reporting.timeout.map(Self.timeout)
        logFormat = reporting.logFormat == .json ? .json : .codebuild
        masksEncodedForms = reporting.maskEncoded
        record = try Self.record(reporting.record, environment)
        keepsWorkspace = reporting.keep
        isDebugged = reporting.debug
        if let project { try apply(project) }
    }

    private static func check(region: String?) throws(CommandFailure) {
        guard let region else { return }
        guard !region.isEmpty,
            region.allSatisfy({ $0 == "-" || $0.isASCII && ($0.isLetter || $0.isNumber) })
        else {
            throw .usage(
                "--region \(region): it is not a region's name", hint: "regions look like eu-central-1")
        }
    }

    /// What `--timeout` says, which is in minutes.
    /// - Throws: ``CommandFailure`` with status `usage` when no build can be given that.
    static func timeout(_ minutes: Double) throws(CommandFailure) -> Duration {
        guard minutes.isFinite, minutes > 0, minutes <= 100_000 else {
            throw .usage("--timeout \(minutes): minutes must be more than 0 and at most 100000")
        }
        return .milliseconds(Int64(minutes * 60_000))
    }

    /// A record that could not be written is told before the build, not after it.
    private static func record(
        _ argument: String?, _ environment: RunnerEnvironment
    ) throws(CommandFailure) -> FilePath? {
        guard let argument else { return nil }
        let path = environment.absolute(argument)
        // What is no file, such as /dev/stdout, is written to as it is.
        var status = stat()
        if stat(path.string, &status) == 0, ![S_IFREG, S_IFDIR].contains(status.st_mode & S_IFMT) {
            return path
        }
        guard access(path.removingLastComponent().string, W_OK) == 0 else {
            throw .usage("--record \(argument): its directory: \(Errno(rawValue: errno).description)")
        }
        return path
    }

    private static func secondarySources(
        _ arguments: [String]
    ) throws(CommandFailure) -> [(identifier: String, place: String)] {
        var sources: [(identifier: String, place: String)] = []
        for argument in arguments {
            let parts = argument.split(separator: "=", maxSplits: 1).map(String.init)
            guard parts.count == 2, parts[0].utf8.count < 128, ShellQuoting.isVariableName("_" + parts[0])
            else {
                throw .usage(
                    "--secondary-source \(argument): expected ID=PATH, with letters, digits and _ in ID")
            }
            guard !sources.contains(where: { $0.identifier == parts[0] }) else {
                throw .usage("--secondary-source \(argument): the identifier \(parts[0]) is given twice")
            }
            sources.append((parts[0], parts[1]))
        }
        return sources
    }

    static func output(
        _ argument: String?, _ environment: RunnerEnvironment
    ) throws(CommandFailure) -> Output {
        guard let argument else { return .defaultDirectory }
        guard argument.hasPrefix("s3://") else {
            guard !argument.isEmpty, !argument.contains("://") else {
                throw .usage("--output \(argument): expected a directory or s3://BUCKET[/PREFIX]")
            }
            return .directory(environment.absolute(argument))
        }
        guard let address = BucketAddress(argument), !address.bucket.isEmpty else {
            throw .usage("--output \(argument): expected s3://BUCKET[/PREFIX]")
        }
        return .bucket(
            name: address.bucket, prefix: address.path.split(separator: "/").joined(separator: "/"))
    }

    static func encryption(
        _ wanted: OutputOptions.Encryption?, _ output: Output, _ key: Key?
    ) throws(CommandFailure) -> EncryptionPlan.Mode {
        guard case .bucket = output else {
            switch wanted {
            case .client, nil: return .client
            case .serverSide:
                throw .usage(
                    "--encryption sse-kms: only S3 encrypts on the server's side",
                    hint: "give --output s3://..., or use --encryption client")
            case .some(.none): return try plain(key)
            }
        }
        switch wanted {
        case .serverSide, nil:
            if case .kms(let name) = key, try NamedKMSKey(name).role != nil {
                throw .usage(
                    "--encryption-key \(name): S3 uses a key itself",
                    hint: "leave role= out, or add --encryption client")
            }
            if case .local = key {
                throw .usage(
                    "--encryption-key local:...: S3 cannot use a local key",
                    hint: "add --encryption client, or give a KMS key")
            }
            return .serverSide
        case .client: return .client
        case .some(.none): return try plain(key)
        }
    }

    private static func check(
        _ options: OutputOptions, _ output: Output, _ encryption: EncryptionPlan.Mode
    ) throws(CommandFailure) {
        guard options.sse != nil || options.sseKmsKeyID != nil else { return }
        guard case .bucket = output, encryption == .client else {
            throw .usage(
                "--sse: it goes with --encryption client into a bucket",
                hint: "without it, --encryption-key names the key that S3 uses")
        }
        guard options.sseKmsKeyID == nil || options.sse == .kms else {
            throw .usage("--sse-kms-key-id: it goes with --sse aws:kms")
        }
    }

    private static func plain(_ key: Key?) throws(CommandFailure) -> EncryptionPlan.Mode {
        guard key == nil else {
            throw .usage("--encryption none: contradicts --encryption-key", hint: "leave one of them out")
        }
        return .none
    }
}

/// The AWS options as a value.
struct AWSRequest: Sendable, Hashable {
    var roleARN: String?
    var externalID: String?
    var region: String?
    var profile: String?
    var endpointURL: String?

    /// The region that is configured without looking at files, or CodeBuild's first.
    func region(_ environment: RunnerEnvironment) -> String {
        let variables = environment.variables
        let configured = region ?? variables["AWS_REGION"] ?? variables["AWS_DEFAULT_REGION"]
        return configured.flatMap { $0.isEmpty ? nil : $0 } ?? "us-east-1"
    }

    /// Takes over the options.
    init(_ options: AWSOptions) {
        roleARN = options.roleArn
        externalID = options.externalID
        region = options.place.region
        profile = options.place.profile
        endpointURL = options.place.endpointURL
    }
}

extension RunRequest {
    /// Whether the system's directories will be overlays, as far as the options tell.
    var mayUseOverlays: Bool { sandboxKind == .bubblewrap && system != .readOnly }

    /// Where commands run.
    var sandboxKind: SandboxConfiguration.Kind {
        if container != nil { return .container }
        return sandbox == .host ? .host : .bubblewrap
    }
}
