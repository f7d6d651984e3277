import Envelope
import Glibc
import SystemPackage
import Testing

/// Our messages are read by AWS's own SDK, and its messages by us.
@Suite struct InteroperationTests {
    private static let key = String(repeating: "07", count: 32)
    private static let sizes = [0, 1, 15, 16, 17, 48, 127, 128, 129, 256, 70_000]
    private static let context = ["project": "demo", "schlüssel": "wert", "empty": ""]

    private func job(
        _ scratch: EnvelopeScratch, _ action: PythonPeer.Job.Action, _ input: String, _ output: String
    ) -> PythonPeer.Job {
        PythonPeer.Job(
            action: action, key: Self.key, namespace: "tests", name: "key-7",
            input: scratch.path(input).string,
            output: scratch.path(output).string)
    }

    @Test(arguments: [AlgorithmSuite.committing, .committingSigned])
    func `the AWS Encryption SDK for Python opens what we seal`(suite: AlgorithmSuite) async throws {
        let scratch = try EnvelopeScratch()
        var jobs: [PythonPeer.Job] = []
        for context in [[:], Self.context] {
            for size in Self.sizes {
                for frameByteCount in [16, Envelope.defaultFrameByteCount] {
                    let name = "\(jobs.count)"
                    try scratch.write(sampleBytes(size), to: "content-\(name)")
                    _ = try await Envelope.sealFile(
                        at: scratch.path("content-\(name)"), to: scratch.path("message-\(name)"),
                        keyring: try rawKeyring(), context: try EncryptionContext(context), suite: suite,
                        frameByteCount: frameByteCount)
                    var job = job(scratch, .decrypt, "message-\(name)", "opened-\(name)")
                    job.context = context
                    jobs.append(job)
                }
            }
        }
        try PythonPeer(scratch).run(jobs)
        for index in jobs.indices {
            #expect(try scratch.read("opened-\(index)") == scratch.read("content-\(index)"))
        }
    }

    @Test(arguments: [AlgorithmSuite.committing, .committingSigned])
    func `we open what the AWS Encryption SDK for Python seals`(suite: AlgorithmSuite) async throws {
        let scratch = try EnvelopeScratch()
        var jobs: [PythonPeer.Job] = []
        for size in Self.sizes {
            for frameLength in [128, 4096] {
                try scratch.write(sampleBytes(size), to: "content-\(jobs.count)")
                var job = job(scratch, .encrypt, "content-\(jobs.count)", "message-\(jobs.count)")
                (job.suite, job.frameLength, job.context) = (suite.rawValue, frameLength, Self.context)
                jobs.append(job)
            }
        }
        try PythonPeer(scratch).run(jobs)
        for index in jobs.indices {
            let opened = try await scratch.open(
                try scratch.read("message-\(index)"), keyring: try rawKeyring(), requiredContext: Self.context
            )
            #expect(try opened == scratch.read("content-\(index)"))
        }
    }

    /// 100 MiB too with `BUILDSPEC_LARGE_TESTS=1`.
    @Test(arguments: [AlgorithmSuite.committing, .committingSigned])
    func `both open each other's large frames`(suite: AlgorithmSuite) async throws {
        let scratch = try EnvelopeScratch()
        let frame = Envelope.defaultFrameByteCount
        let block = sampleBytes(frame + 1)
        let hundred = getenv("BUILDSPEC_LARGE_TESTS") == nil ? [] : [100]
        for (size, blocks) in [(frame - 1, 1), (frame, 1), (frame + 1, 1), (frame, 2)]
            + hundred.map({ (frame, $0) })
        {
            let content = try FileDescriptor.open(
                scratch.path("content"), .writeOnly, options: [.create, .truncate],
                permissions: .ownerReadWrite)
            for _ in 0..<blocks { try content.writeAll(block[..<size]) }
            try content.close()
            _ = try await Envelope.sealFile(
                at: scratch.path("content"), to: scratch.path("ours"), keyring: try rawKeyring(), suite: suite
            )
            var theirs = job(scratch, .encrypt, "content", "theirs")
            (theirs.suite, theirs.frameLength) = (suite.rawValue, frame)
            try PythonPeer(scratch).run([job(scratch, .decrypt, "ours", "opened-by-them"), theirs])
            _ = try await Envelope.openFile(
                at: scratch.path("theirs"), to: scratch.path("opened-by-us"), keyring: try rawKeyring())
            let expected = try scratch.read("content")
            #expect(expected.count == size * blocks)
            #expect(try scratch.read("opened-by-them") == expected)
            #expect(try scratch.read("opened-by-us") == expected)
        }
    }

    @Test func `we open every old suite, but only when that is allowed`() async throws {
        let scratch = try EnvelopeScratch()
        try scratch.write(sampleBytes(300), to: "content")
        let old = AlgorithmSuite.allCases.filter { !$0.isCommitting }
        let jobs = old.flatMap { suite in
            [128, 0].map { frameLength in
                var job = job(scratch, .encrypt, "content", "message-\(suite)-\(frameLength)")
                (job.suite, job.frameLength, job.context) = (suite.rawValue, frameLength, ["a": "b"])
                job.legacy = true
                return job
            }
        }
        try PythonPeer(scratch).run(jobs)
        for (suite, job) in old.flatMap({ [$0, $0] }).lazy.enumerated().map({ ($1, jobs[$0]) }) {
            let message = try EnvelopeScratch.read(FilePath(job.output))
            let opened = try await scratch.open(
                message, keyring: try rawKeyring(), requiredContext: ["a": "b"], policy: .legacy)
            #expect(opened == sampleBytes(300), "\(suite)")
            #expect(
                try await scratch.failure(opening: message, keyring: try rawKeyring())?.code
                    == .refusedByPolicy)
            var framesOnly = OpenPolicy.strict
            (framesOnly.allowsUncommitted, framesOnly.allowsUnframed) = (true, false)
            let refusal = try await scratch.failure(
                opening: message, keyring: try rawKeyring(), policy: framesOnly)
            #expect(refusal?.code == (job.frameLength == 0 ? .refusedByPolicy : nil))
        }
    }

    @Test(arguments: [AlgorithmSuite.aes256, .aes128Signed, .committingSigned])
    func `we refuse a flipped bit at every offset of foreign messages`(suite: AlgorithmSuite) async throws {
        let scratch = try EnvelopeScratch()
        try scratch.write(sampleBytes(20), to: "content")
        let jobs = [128, 0].map { frameLength in
            var job = job(scratch, .encrypt, "content", "message-\(frameLength)")
            (job.suite, job.frameLength, job.legacy) = (suite.rawValue, frameLength, !suite.isCommitting)
            return job
        }
        try PythonPeer(scratch).run(jobs)
        for name in ["message-128", "message-0"] {
            let message = try scratch.read(name)
            for offset in message.indices {
                var changed = message
                changed[offset] ^= 1 << UInt8(offset % 8)
                let error = try await scratch.failure(
                    opening: changed, keyring: try rawKeyring(), policy: .legacy)
                #expect(error != nil, "offset \(offset)")
            }
            #expect(!scratch.exists("opened"))
        }
    }
}
