import AWSClient
import ArgumentParser
import BuildEngine
import Sandbox

/// What is built.
struct SourceOptions: ParsableArguments {
    @Argument(
        help: "A directory, a .zip or .tar.* archive, a git URL or s3://BUCKET/KEY (default: .).")
    var source: String?

    @Option(help: "The buildspec: a path in SOURCE, s3://BUCKET/KEY, or - for standard input.")
    var buildspec: String?

    @Option(name: .customLong("env"), help: "A variable, NAME=VALUE; highest precedence (repeatable).")
    var variables: [String] = []

    @Option(help: "A file of NAME=VALUE lines; # begins a comment (repeatable).")
    var envFile: [String] = []

    @Option(help: "A secondary source, ID=PATH, ID=URL or ID=s3://BUCKET/KEY (repeatable).")
    var secondarySource: [String] = []

    @OptionGroup(title: "Fetched sources")
    var fetch: FetchOptions

    @OptionGroup(title: "Project")
    var project: ProjectOptions
}

/// Where commands run.
struct SandboxOptions: ParsableArguments {
    /// `--sandbox`.
    enum Choice: String, OptionWord {
        case auto
        case bubblewrap
        case container
        case host
    }

    /// `--network`.
    enum Network: String, OptionWord {
        case host
        case none
    }

    /// `--root`.
    enum Root: String, OptionWord {
        case overlay
        case readOnly = "read-only"
    }

    @Option(help: "Where commands run (auto: container with --image, else bubblewrap).")
    var sandbox: Choice = .auto

    @Option(
        help: "bubblewrap: a writable throw-away root, or read-only (default: overlay where permitted).")
    var root: Root?

    @Option(
        help: """
            The build's network: the host's own, with all that listens on its loopback and on abstract sockets, or \
            none.
            """)
    var network: Network = .host

    @Flag(
        help: """
            Lend the build your AWS credentials (those of --role-arn, if given) through a container credentials \
            endpoint, as the cloud does; by default it gets none.
            """)
    var awsCredentials = false

    @OptionGroup(title: "Container")
    var container: ContainerOptions
}

/// Where artifacts go.
struct OutputOptions: ParsableArguments {
    /// `--encryption`.
    enum Encryption: String, OptionWord {
        case serverSide = "sse-kms"
        case client
        case none
    }

    /// `--sse`, as the AWS CLI has it.
    enum ServerSide: String, OptionWord {
        case aes256 = "AES256"
        case kms = "aws:kms"
    }

    @Option(help: "A directory or s3://BUCKET[/PREFIX] (default: SOURCE/.buildspec/artifacts).")
    var output: String?

    @Option(
        help: """
            A KMS key id, ARN or alias/..., or local:FILE (with --encryption client also \
            KEY,role=ARN[,external-id=ID], a key that is used through a role, and repeatable: each key alone opens the \
            artifacts).
            """)
    var encryptionKey: [String] = []

    @Option(
        help: "How artifacts are encrypted (default: sse-kms for s3://, client for a directory).")
    var encryption: Encryption?

    @Option(
        help: """
            With --encryption client: have S3 encrypt the message once more, for buckets that take nothing else \
            (default: what the bucket does by itself).
            """)
    var sse: ServerSide?

    @Option(help: "The KMS key for --sse aws:kms; whoever reads the object needs it, too (default: aws/s3).")
    var sseKmsKeyID: String?
}

/// How AWS is reached; the usual AWS_* variables and config files are honoured.
struct AWSOptions: ParsableArguments {
    @Option(help: "Assume this role for secrets, keys and uploads.")
    var roleArn: String?

    @Option(help: "The external id for --role-arn.")
    var externalID: String?

    @OptionGroup var place: AWSPlaceOptions
}

/// Where AWS is, and who asks; all that a command needs that assumes no role by itself.
struct AWSPlaceOptions: ParsableArguments {
    @Option(help: "The AWS region.")
    var region: String?

    @Option(help: "The profile of the AWS config files.")
    var profile: String?

    @Option(
        name: .customLong("endpoint-url"), help: "Where AWS services are, instead of their usual addresses.")
    var endpointURL: String?

    /// The options, for the configuration of the AWS client.
    var overrides: AWSConfiguration.Overrides {
        AWSConfiguration.Overrides(region: region, profile: profile, endpointURL: endpointURL)
    }
}

/// What a build tells, and what it leaves.
struct ReportingOptions: ParsableArguments {
    /// `--log-format`.
    enum LogFormat: String, OptionWord {
        case codebuild
        case json
    }

    @Option(help: "Minutes until the build is ended (default: the project's, else 60).")
    var timeout: Double?

    @Option(help: "How the log looks.")
    var logFormat: LogFormat = .codebuild

    @Flag(
        inversion: .prefixedNo,
        help:
            "Hide secrets in the log as base64, as hexadecimal digits, and quoted for URLs, JSON and shells, too."
    )
    var maskEncoded = true

    @Option(help: "Write the build record here too.")
    var record: String?

    @Flag(help: "Pause at codebuild-breakpoint, and open a shell there.")
    var debug = false

    @Flag(help: "Keep the workspace after the build, and print where it is.")
    var keep = false
}
