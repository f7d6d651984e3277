import AWSClient
import SystemPackage
import TestSupport
import Testing

/// A session with the moto server, without pauses between retries.
func withTestSession<R>(
    _ moto: MotoServer, _ changes: [String: String] = [:], timeouts: TransportTimeouts = TransportTimeouts(),
    _ body: (AWSSession) async throws -> R
) async throws -> R {
    let environment = moto.environment.merging(changes) { $1 }
    return try await withTestSession(environment, timeouts: timeouts, body)
}

/// A session from an environment, without pauses between retries.
func withTestSession<R>(
    _ environment: [String: String], overrides: AWSConfiguration.Overrides = .init(),
    timeouts: TransportTimeouts = TransportTimeouts(), clock: WallClock = .system, code: String? = nil,
    _ body: (AWSSession) async throws -> R
) async throws -> R {
    var options = AWSSessionOptions()
    options.firstRetryDelay = .milliseconds(1)
    options.timeouts = timeouts
    options.clock = clock
    if let code { options.oneTimeCode = { _ async throws(AWSError) in code } }
    return try await withAWSSession(
        AWSConfiguration(environment: environment, overrides: overrides), options: options, body)
}

/// The error that `body` ends with, which must be one of the client's own.
func failure(_ body: () async throws -> Void) async throws -> AWSError {
    do {
        try await body()
    } catch {
        return try #require(error as? AWSError, "\(error)")
    }
    throw PythonEnvironment.Failure(description: "nothing failed")
}

/// Keys, region and endpoint for a server that is not moto.
func standInEnvironment(_ endpointURL: String) -> [String: String] {
    MotoServer(endpointURL: endpointURL).environment
}

/// Creates the bucket named by the first argument.
let createBucket = """
    client("s3").create_bucket(
        Bucket=sys.argv[1], CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})

    """

/// Creates a KMS key and prints its ARN.
let createKey = """
    print(client("kms").create_key()["KeyMetadata"]["Arn"], end="")
    """

/// Parts as small as S3 allows, for everything above 6 MiB.
let smallParts = TransferSettings(singleRequestLimit: 6 << 20, partSize: 5 << 20, parallelParts: 2)

/// Bytes without a pattern, the same for the same count.
func sampleBytes(_ count: Int) -> [UInt8] {
    var generator = SeededGenerator(seed: UInt64(count))
    var bytes: [UInt8] = []
    bytes.reserveCapacity(count + 8)
    while bytes.count < count {
        withUnsafeBytes(of: generator.next()) { bytes.append(contentsOf: $0) }
    }
    return Array(bytes.prefix(count))
}

/// The configuration from shared files and variables that are nothing but what is given.
func configuration(
    config: String = "", credentials: String = "", environment: [String: String] = [:],
    overrides: AWSConfiguration.Overrides = .init()
) async throws -> AWSConfiguration {
    try await withScratchDirectory { scratch in
        try scratch.write(config, to: ".aws/config")
        try scratch.write(credentials, to: ".aws/credentials")
        let home = ["HOME": scratch.path.string].merging(environment) { $1 }
        return try AWSConfiguration(environment: home, overrides: overrides)
    }
}
