import AWSAdapters
import AWSClient
import BuildEngine
import BuildProject
import Envelope
import Masking
import Sandbox
import SystemPackage

/// Chooses who stores, encrypts, hashes and resolves secrets for one request.
struct LocalDoors: Sendable {
    private let planner: BuildPlanner
    let session: AWSSession?
    /// Who the credentials belong to, where somebody asked.
    var identity: CallerIdentity?
    /// Hears of the runner's own secrets, so that no log shows them.
    let lateSecrets: LateSecrets
    private let sealer: (any ArtifactSealer)?

    /// Doors for a build; `session` is there when the request needs AWS.
    /// - Throws: ``CommandFailure`` when a key that was named cannot be used.
    init(
        _ planner: BuildPlanner, session: AWSSession? = nil, _ lateSecrets: LateSecrets = LateSecrets()
    ) throws(CommandFailure) {
        self.planner = planner
        self.lateSecrets = lateSecrets
        let variables = planner.environment.variables
        lateSecrets.add(["AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"].compactMap { variables[$0] })
        lateSecrets.add(planner.project.hiddenValues)
        for source in [planner.source] + planner.secondarySources.map(\.source) {
            guard case .git(let git) = source.remote, let user = git.user else { continue }
            // A token is often written where the user's name belongs.
            lateSecrets.add([git.password?.reveal() ?? user])
        }
        self.session = session
        sealer = try Self.sealer(planner, session)
    }

    var request: RunRequest { planner.request }

    /// The region of the build: configured, or CodeBuild's first.
    var region: String {
        let variables = planner.environment.variables
        let configured =
            session?.configuration.region ?? request.aws.region ?? variables["AWS_REGION"]
            ?? variables["AWS_DEFAULT_REGION"]
        return configured.flatMap { $0.isEmpty ? nil : $0 } ?? "us-east-1"
    }

    /// The key as the record may show it.
    var keyName: String? {
        switch (request.encryption, request.key) {
        case (.none, _): nil
        case (_, .kms(let key)): key
        case (.serverSide, _): nil
        case (.client, _): "local"
        }
    }

    /// The credentials that the request lends, if it does.
    var lentCredentials: CredentialProvider? { request.lendsCredentials ? session?.credentials : nil }

    /// All doors.
    /// - Throws: ``CommandFailure`` when a key or a bucket cannot be used.
    func services(for plan: BuildPlan) throws(CommandFailure) -> BuildServices {
        var services = BuildServices(
            store: try store(for: plan), sealer: sealer,
            hasher: CryptoContentHasher(),
            secrets: AWSSecretResolver(
                environment: planner.environment.variables, overrides: planner.overrides,
                options: AWSSessionOptions(telling: lateSecrets)),
            clock: { .now })
        if request.isDebugged {
            services.terminal = Terminal.own(named: planner.environment.variables["TERM"] ?? "dumb")
        }
        services.deliveries = try deliveries(for: plan)
        services.observer = try observer()
        services.cache = try cache()
        services.sources = SourceDoor(git: GitWorkTree.executable(), session: session)
        return services
    }

    private func store(for plan: BuildPlan) throws(CommandFailure) -> any ArtifactStore {
        switch request.output {
        case .defaultDirectory: return DirectoryArtifactStore(directory: plan.directories.artifacts)
        case .directory(let directory): return DirectoryArtifactStore(directory: directory)
        case .bucket(let name, let prefix):
            guard let session else { throw CommandFailure(.runner, "s3://\(name): there is no AWS session") }
            do throws(AWSError) {
                // A name that cannot be one is found before the build, not after it.
                _ = try ObjectLocation(bucket: name, key: prefix + "/artifact")
                var client = try session.s3()
                client.journal = uploadJournal
                return S3ArtifactStore(
                    client: client, bucket: name, prefix: prefix, encryption: request.objectEncryption,
                    partition: plan.identity.partition)
            } catch {
                throw CommandFailure(error)
            }
        }
    }

    /// Remembers uploads in parts below the user's cache directory, so that a later run finds what a killed one left.
    var uploadJournal: UploadJournal? {
        let variables = planner.environment.variables
        let base = variables["XDG_CACHE_HOME"].flatMap { $0.hasPrefix("/") ? FilePath($0) : nil }
        let home = variables["HOME"].flatMap { $0.hasPrefix("/") ? FilePath($0) : nil }
        guard let cache = base ?? home?.appending(".cache") else { return nil }
        return UploadJournal(directory: cache.appending("buildspec").appending("uploads"))
    }

    private static func sealer(
        _ planner: BuildPlanner, _ session: AWSSession?
    ) throws(CommandFailure) -> (any ArtifactSealer)? {
        let request = planner.request
        guard request.encryption == .client else { return nil }
        guard let key = request.key else { return OwnKeySealer(environment: planner.environment) }
        return EnvelopeSealer(
            keyring: try SealingKeyring.keyring(of: key, and: request.furtherKeys, session))
    }
}

extension RunRequest {
    /// What S3 is asked to do with artifacts.
    var objectEncryption: ObjectEncryption {
        guard encryption == .serverSide else {
            switch serverSide {
            case nil: return .bucketDefault
            case .aes256: return .aes256
            case .kms: return .kms(keyID: serverSideKey)
            }
        }
        guard case .kms(let key) = key else { return .kms(keyID: nil) }
        return .kms(keyID: key)
    }
}

extension AWSSessionOptions {
    /// The values for ordinary use, telling of every set of credentials before it is used.
    init(telling lateSecrets: LateSecrets) {
        self.init()
        observer = { lateSecrets.add($0.secretValues) }
    }
}

/// Seals with the user's own key, which is looked for, or made, only when there is something to seal.
private struct OwnKeySealer: ArtifactSealer {
    var environment: RunnerEnvironment

    func seal(
        _ source: FilePath, to destination: FilePath, context: [String: String],
        digest: any RunningContentDigest
    ) async throws(RunnerFailure) {
        let keyring: RawAESKeyring
        do throws(CommandFailure) {
            keyring = try LocalKeys.own(environment)
        } catch {
            throw RunnerFailure("encrypt the artifact", error.message ?? "there is no key", hint: error.hint)
        }
        try await EnvelopeSealer(keyring: keyring).seal(
            source, to: destination, context: context, digest: digest)
    }
}
