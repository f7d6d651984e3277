import Envelope
import Glibc
import SystemPackage
import Testing

@Suite struct RoundTripTests {
    private static let suites: [AlgorithmSuite] = [.committing, .committingSigned]
    private static let sizes = [0, 1, 15, 16, 17, 31, 32, 33, 160, 1000]

    @Test(arguments: suites, sizes)
    func `opens what was sealed, at every frame boundary`(suite: AlgorithmSuite, size: Int) async throws {
        let scratch = try EnvelopeScratch()
        let content = sampleBytes(size)
        let context = ["project": "demo", "build": "demo:1"]
        let message = try await scratch.seal(
            content, keyring: try rawKeyring(), context: context, suite: suite)
        let opened = try await scratch.open(message, keyring: try rawKeyring(), requiredContext: context)
        #expect(opened == content)
        #expect(scratch.names == ["content", "message", "opened"])
        #expect(scratch.mode("opened") == 0o600)
        #expect(scratch.mode("message") == 0o600)
    }

    @Test(arguments: suites, [1, 4096, 65_536, Envelope.frameByteLimit])
    func `opens large content in frames of any size`(suite: AlgorithmSuite, frameByteCount: Int) async throws
    {
        let scratch = try EnvelopeScratch()
        let content = sampleBytes(frameByteCount == 1 ? 300 : 3_000_000)
        let message = try await scratch.seal(
            content, keyring: try rawKeyring(), suite: suite, frameByteCount: frameByteCount)
        #expect(try await scratch.open(message, keyring: try rawKeyring()) == content)
    }

    @Test func `reports what it sealed and opened`() async throws {
        let scratch = try EnvelopeScratch()
        try scratch.write(sampleBytes(100), to: "content")
        let sealed = try await Envelope.sealFile(
            at: scratch.path("content"), to: scratch.path("message"), keyring: try rawKeyring(),
            context: try EncryptionContext(["a": "b"]))
        #expect(sealed.contentByteCount == 100)
        #expect(sealed.messageByteCount == Int64(try scratch.read("message").count))
        #expect(sealed.keyNames == ["tests/key-7"])
        let opened = try await Envelope.openFile(
            at: scratch.path("message"), to: scratch.path("opened"), keyring: try rawKeyring())
        #expect(opened.contentByteCount == 100)
        #expect(opened.context == sealed.context)
        #expect(opened.context.callerPairs == ["a": "b"])
        #expect(opened.suite == .committingSigned)
        #expect(opened.keyName == "tests/key-7")
    }

    @Test(arguments: suites)
    func `writes the published structure`(suite: AlgorithmSuite) async throws {
        let scratch = try EnvelopeScratch()
        let message = try await scratch.seal(
            sampleBytes(40), keyring: try rawKeyring(), context: ["k": "v"], suite: suite)
        #expect(message[0] == 2)
        #expect(Array(message[1..<3]) == [UInt8(suite.rawValue >> 8), 0x78])
        let context = Array(message[37...].prefix(Int(message[35]) << 8 | Int(message[36])))
        #expect(context.prefix(2) == [0, suite.isSigned ? 2 : 1])
        #expect(context.suffix(6) == [0, 1, UInt8(ascii: "k"), 0, 1, UInt8(ascii: "v")])
        // Count, provider "tests", info "key-7" with sizes and IV, encrypted key with tag.
        let dataKeys = 2 + (2 + 5) + (2 + 5 + 8 + 12) + (2 + 32 + 16)
        let header = 37 + context.count + dataKeys + 1 + 4 + 32 + 16
        let contentType = 37 + context.count + dataKeys
        #expect(Array(message[contentType..<(contentType + 5)]) == [2, 0, 0, 0, 16])
        let firstFrame: [UInt8] = [0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]
        #expect(Array(message[header..<(header + 16)]) == firstFrame)
        let finalFrame = header + 2 * (4 + 12 + 16 + 16)
        #expect(Array(message[finalFrame..<(finalFrame + 8)]) == [255, 255, 255, 255, 0, 0, 0, 3])
        let footer = finalFrame + 8 + 12 + 4 + 8 + 16
        #expect(message.count == footer + (suite.isSigned ? 2 + 103 : 0))
    }

    @Test func `never writes a full last frame, which some official readers refuse`() async throws {
        let scratch = try EnvelopeScratch()
        let message = try await scratch.seal(sampleBytes(32), keyring: try rawKeyring(), suite: .committing)
        let last: [UInt8] =
            [255, 255, 255, 255, 0, 0, 0, 3] + [UInt8](repeating: 0, count: 11) + [3] + [0, 0, 0, 0]
        #expect(message.dropLast(16).suffix(last.count) == last[...])
    }

    @Test func `works on pipes`() async throws {
        let scratch = try EnvelopeScratch()
        let content = sampleBytes(20_000)
        let (read, write) = try FileDescriptor.pipe()
        try write.closeAfter { _ = try write.writeAll(content) }
        let message = try FileDescriptor.open(
            scratch.path("message"), .readWrite, options: .create, permissions: .ownerReadWrite)
        _ = try await Envelope.seal(from: read, to: message, keyring: try rawKeyring())
        try read.close()
        try message.close()
        #expect(try await scratch.open(try scratch.read("message"), keyring: try rawKeyring()) == content)
    }

    @Test func `replaces a destination, which may be the source`() async throws {
        let scratch = try EnvelopeScratch()
        try scratch.write(sampleBytes(50), to: "file", mode: [.ownerReadWrite, .groupRead])
        _ = try await Envelope.sealFile(
            at: scratch.path("file"), to: scratch.path("file"), keyring: try rawKeyring())
        _ = try await Envelope.openFile(
            at: scratch.path("file"), to: scratch.path("file"), keyring: try rawKeyring(),
            permissions: [.ownerReadWrite, .groupRead])
        #expect(try scratch.read("file") == sampleBytes(50))
        #expect(scratch.mode("file") == 0o640)
        #expect(scratch.names == ["file"])
    }

    @Test func `never takes the place of a device, pipe or socket`() async throws {
        let scratch = try EnvelopeScratch()
        try scratch.write(sampleBytes(50), to: "file")
        #expect(mkfifo(scratch.path("pipe").string, 0o600) == 0)
        let error = await #expect(throws: EnvelopeError.self) {
            try await Envelope.sealFile(
                at: scratch.path("file"), to: scratch.path("pipe"), keyring: try rawKeyring())
        }
        #expect(error?.path == scratch.path("pipe"))
        var status = stat()
        #expect(lstat(scratch.path("pipe").string, &status) == 0 && status.st_mode & S_IFMT == S_IFIFO)
        #expect(scratch.names == ["file", "pipe"])
    }

    @Test func `two messages of the same content have nothing in common`() async throws {
        let scratch = try EnvelopeScratch()
        let first = try await scratch.seal(sampleBytes(64), keyring: try rawKeyring(), suite: .committing)
        let second = try await scratch.seal(sampleBytes(64), keyring: try rawKeyring(), suite: .committing)
        #expect(first[3..<35] != second[3..<35])
        #expect(first.suffix(60) != second.suffix(60))
    }

    @Test(arguments: [0, -1, Envelope.frameByteLimit + 1])
    func `refuses impossible frame sizes`(frameByteCount: Int) async throws {
        let scratch = try EnvelopeScratch()
        let error = await #expect(throws: EnvelopeError.self) {
            _ = try await scratch.seal([1], keyring: try rawKeyring(), frameByteCount: frameByteCount)
        }
        #expect(error?.code == .limitExceeded)
        #expect(scratch.names == ["content"])
    }

    @Test(arguments: AlgorithmSuite.allCases.filter { !$0.isCommitting })
    func `never writes a suite without commitment`(suite: AlgorithmSuite) async throws {
        let scratch = try EnvelopeScratch()
        let error = await #expect(throws: EnvelopeError.self) {
            _ = try await scratch.seal([1], keyring: try rawKeyring(), suite: suite)
        }
        #expect(error?.code == .unsupported)
    }

    @Test func `stops when the task is cancelled and leaves nothing behind`() async throws {
        let scratch = try EnvelopeScratch()
        try scratch.write(sampleBytes(50), to: "content")
        let task = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            _ = try await Envelope.sealFile(
                at: scratch.path("content"), to: scratch.path("message"), keyring: try rawKeyring())
        }
        let error = await #expect(throws: EnvelopeError.self) { try await task.value }
        #expect(error?.code == .cancelled)
        #expect(scratch.names == ["content"])
    }

    @Test func `names the file that cannot be read or written`() async throws {
        let scratch = try EnvelopeScratch()
        let missing = await #expect(throws: EnvelopeError.self) {
            _ = try await Envelope.sealFile(
                at: scratch.path("missing"), to: scratch.path("x"), keyring: try rawKeyring())
        }
        #expect(missing?.path == scratch.path("missing"))
        try scratch.write([1], to: "content")
        let unwritable = await #expect(throws: EnvelopeError.self) {
            _ = try await Envelope.sealFile(
                at: scratch.path("content"), to: scratch.path("no/such/directory"), keyring: try rawKeyring())
        }
        #expect(unwritable?.code == .inputOutput)
        #expect(unwritable?.path == scratch.path("no/such/directory"))
        #expect(mkdir(scratch.path("directory").string, 0o700) == 0)
        let directory = await #expect(throws: EnvelopeError.self) {
            _ = try await Envelope.sealFile(
                at: scratch.path("content"), to: scratch.path("directory"), keyring: try rawKeyring())
        }
        #expect(directory?.code == .inputOutput)
        #expect(scratch.names == ["content", "directory"])
    }
}
