import FoundationEssentials
import Glibc
import SystemPackage

/// The AWS Encryption SDK for Python, in the virtual environment that `make setup` makes.
struct PythonPeer {
    /// One thing to do; paths are absolute, the key is 32 bytes in hexadecimal.
    struct Job: Codable {
        enum Action: String, Codable {
            case encrypt
            case decrypt
        }

        var action: Action
        var key: String
        var namespace: String
        var name: String
        var input: String
        var output: String
        var suite: UInt16 = 0
        var frameLength = 4096
        var context: [String: String] = [:]
        /// Whether messages without commitment are allowed.
        var legacy = false
    }

    /// Why the peer could not do its work.
    struct Failure: Error, CustomStringConvertible {
        var description: String
    }

    private let scratch: EnvelopeScratch

    init(_ scratch: EnvelopeScratch) {
        self.scratch = scratch
    }

    /// Runs all jobs in one process; throws what the process complained of when one of them fails.
    func run(_ jobs: [Job]) throws {
        let python = Self.repository.appending(".cache/venv/bin/python")
        guard access(python.string, X_OK) == 0 else {
            throw Failure(description: "\(python) is missing: run `make setup`")
        }
        try scratch.write(Array(Self.program.utf8), to: "peer.py")
        try scratch.write(Array(try JSONEncoder().encode(jobs)), to: "jobs.json")
        let status = try Self.execute(
            [python.string, scratch.path("peer.py").string, scratch.path("jobs.json").string],
            output: scratch.path("peer.log").string)
        guard status == 0 else {
            throw Failure(description: String(decoding: try scratch.read("peer.log"), as: UTF8.self))
        }
    }

    private static var repository: FilePath {
        FilePath(#filePath).removingLastComponent().removingLastComponent().removingLastComponent()
    }

    private static func execute(_ arguments: [String], output: String) throws -> CInt {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 1, output, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        posix_spawn_file_actions_adddup2(&actions, 1, 2)
        let words = arguments.map { strdup($0) } + [nil]
        defer { words.forEach { free($0) } }
        var process = pid_t()
        let error = posix_spawn(&process, arguments[0], &actions, nil, words, environ)
        guard error == 0 else { throw Errno(rawValue: error) }
        var status: CInt = 0
        while waitpid(process, &status, 0) < 0 {
            guard errno == EINTR else { throw Errno(rawValue: errno) }
        }
        return status
    }

    private static let program = """
        import json, logging, sys, warnings
        warnings.simplefilter("ignore")
        import aws_encryption_sdk
        from aws_encryption_sdk import CommitmentPolicy
        from aws_encryption_sdk.identifiers import AlgorithmSuite, EncryptionKeyType, WrappingAlgorithm
        from aws_encryption_sdk.internal.crypto.wrapping_keys import WrappingKey
        from aws_encryption_sdk.key_providers.raw import RawMasterKeyProvider

        def provider(job):
            class Provider(RawMasterKeyProvider):
                provider_id = job["namespace"]
                def _get_raw_key(self, key_id):
                    return WrappingKey(
                        wrapping_algorithm=WrappingAlgorithm.AES_256_GCM_IV12_TAG16_NO_PADDING,
                        wrapping_key=bytes.fromhex(job["key"]),
                        wrapping_key_type=EncryptionKeyType.SYMMETRIC)
            made = Provider()
            made.add_master_key(job["name"])
            return made

        for job in json.load(open(sys.argv[1])):
            strict = CommitmentPolicy.REQUIRE_ENCRYPT_REQUIRE_DECRYPT
            legacy = CommitmentPolicy.FORBID_ENCRYPT_ALLOW_DECRYPT
            client = aws_encryption_sdk.EncryptionSDKClient(
                commitment_policy=legacy if job["legacy"] else strict)
            content = open(job["input"], "rb").read()
            if job["action"] == "encrypt":
                result, header = client.encrypt(
                    source=content, key_provider=provider(job), algorithm=AlgorithmSuite.get_by_id(job["suite"]),
                    frame_length=job["frameLength"], encryption_context=job["context"])
            else:
                result, header = client.decrypt(source=content, key_provider=provider(job))
                for name, value in job["context"].items():
                    assert header.encryption_context[name] == value, header.encryption_context
            open(job["output"], "wb").write(result)

        """
}
