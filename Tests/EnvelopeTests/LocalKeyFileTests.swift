import Crypto
import Envelope
import Glibc
import SystemPackage
import Testing

@Suite struct LocalKeyFileTests {
    private static let key = sampleBytes(32)
    private static let hexadecimal = key.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()

    @Test func `reads raw, hexadecimal and base64 keys as the same key`() async throws {
        let scratch = try EnvelopeScratch()
        let base64 = base64Text(Self.key)
        let forms: [[UInt8]] = [
            Self.key, Array(Self.hexadecimal.utf8), Array((Self.hexadecimal.uppercased() + "\n").utf8),
            Array((Self.hexadecimal + "\r\n").utf8), Array(base64.utf8), Array((base64 + "\n").utf8),
            Array(base64.filter { $0 != "=" }.utf8),
        ]
        var names: Set<[String]> = []
        for form in forms {
            try scratch.write(form, to: "key")
            names.insert(try LocalKeyFile.load(at: scratch.path("key")).keyNames)
        }
        #expect(names.count == 1)
        let name = try #require(names.first?.first)
        #expect(name.hasPrefix("buildspec/buildspec-"))
        #expect(name.count == "buildspec/buildspec-".count + 16)

        let message = try await scratch.seal([1, 2], keyring: try LocalKeyFile.load(at: scratch.path("key")))
        let sameKey = try RawAESKeyring(
            namespace: "buildspec", name: String(name.dropFirst("buildspec/".count)),
            wrappingKey: SymmetricKey(data: Self.key))
        #expect(try await scratch.open(message, keyring: sameKey) == [1, 2])
    }

    @Test func `a raw key may end with what looks like a line end`() throws {
        let scratch = try EnvelopeScratch()
        try scratch.write(Self.key.dropLast() + [0x0A], to: "key")
        _ = try LocalKeyFile.load(at: scratch.path("key"))
    }

    @Test(arguments: [
        ("", "empty"), ("\n", "empty"), ("0123456789abcdef0123456789abcdef", "32 hexadecimal digits"),
        ("0123456789abcdef0123456789abcdef\n", "32 hexadecimal digits"), ("AAAz", "base64 of 3 bytes"),
        (String(repeating: "a", count: 65), "65 hexadecimal digits"), ("not a key at all!", "17 bytes"),
        (hexadecimal + "\n" + hexadecimal, "129 bytes"),
        (String(repeating: "x", count: 5000), "more than 4096"),
    ])
    func `says what was found instead of a key`(content: String, word: String) throws {
        let scratch = try EnvelopeScratch()
        try scratch.write(Array(content.utf8), to: "key")
        let error = #expect(throws: EnvelopeError.self) { try LocalKeyFile.load(at: scratch.path("key")) }
        #expect(error?.code == .invalidKeyFile)
        #expect(error?.path == scratch.path("key"))
        #expect(error?.description.contains(word) == true, "\(error?.description ?? "")")
        #expect(error?.description.contains(Self.hexadecimal) == false)
    }

    @Test(arguments: [0o660, 0o620, 0o602, 0o666] as [UInt32])
    func `refuses a file that others can change`(mode: UInt32) throws {
        let scratch = try EnvelopeScratch()
        try scratch.write(Self.key, to: "key", mode: FilePermissions(rawValue: mode))
        let error = #expect(throws: EnvelopeError.self) { try LocalKeyFile.load(at: scratch.path("key")) }
        #expect(error?.code == .invalidKeyFile)
        #expect(error?.hint?.contains("chmod 600") == true)
    }

    @Test(arguments: [(0o600, false), (0o640, true), (0o604, true), (0o644, true)] as [(UInt32, Bool)])
    func `takes a file that others can read, and says so`(mode: UInt32, isReadable: Bool) throws {
        let scratch = try EnvelopeScratch()
        try scratch.write(Self.key, to: "key", mode: FilePermissions(rawValue: mode))
        _ = try LocalKeyFile.load(at: scratch.path("key"))
        #expect(LocalKeyFile.isReadableByOthers(scratch.path("key")) == isReadable)
    }

    @Test func `refuses what is no regular file, without waiting`() throws {
        let scratch = try EnvelopeScratch()
        #expect(mkfifo(scratch.path("fifo").string, 0o600) == 0)
        for name in ["fifo", ".", "missing"] {
            let error = #expect(throws: EnvelopeError.self) { try LocalKeyFile.load(at: scratch.path(name)) }
            #expect(error?.path == scratch.path(name))
        }
    }

    @Test func `makes a private key file and never overwrites one`() throws {
        let scratch = try EnvelopeScratch()
        let path = scratch.path("a/b/key")
        let made = try LocalKeyFile.create(at: path)
        #expect(try LocalKeyFile.load(at: path).keyNames == made.keyNames)
        #expect(scratch.mode("a/b/key") == 0o600)
        #expect(scratch.mode("a/b") == 0o700)
        let before = try scratch.read("a/b/key")
        #expect(before.count == 65)
        let error = #expect(throws: EnvelopeError.self) { try LocalKeyFile.create(at: path) }
        #expect(error?.code == .invalidKeyFile)
        #expect(try scratch.read("a/b/key") == before)
        #expect(try LocalKeyFile.create(at: scratch.path("a/b/other")).keyNames != made.keyNames)
        #expect(EnvelopeScratch.names(in: scratch.path("a/b")) == ["key", "other"])
    }

    @Test func `does not follow a link when it makes a file, and reports a file in place of a directory`()
        throws
    {
        let scratch = try EnvelopeScratch()
        #expect(symlink("elsewhere", scratch.path("key").string) == 0)
        #expect(throws: EnvelopeError.self) { try LocalKeyFile.create(at: scratch.path("key")) }
        #expect(scratch.names == ["key"])
        try scratch.write([1], to: "file")
        let error = #expect(throws: EnvelopeError.self) {
            try LocalKeyFile.create(at: scratch.path("file/key"))
        }
        #expect(error?.code == .inputOutput)
    }

    private func base64Text(_ bytes: [UInt8]) -> String {
        let digits = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
        var text = ""
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let group = bytes[start..<min(start + 3, bytes.count)]
            let number = group.reduce(0) { $0 << 8 | Int($1) } << (8 * (3 - group.count))
            for index in 0...group.count { text.append(digits[number >> (18 - 6 * index) & 63]) }
            text += String(repeating: "=", count: 3 - group.count)
        }
        return text
    }
}
