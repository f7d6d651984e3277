import FoundationEssentials
import SystemPackage
import TestSupport
import Testing

/// `artifact encrypt` and `artifact decrypt`: sizes, suites, damage and leaks, with the real executable.
@Suite struct EncryptedFileTests {
    private func makeKey(_ project: TestProject) async throws {
        try await project.tool("/bin/sh", "-c", "umask 077; head -c 32 /dev/urandom > ../a.key")
    }

    private static let key = ["--encryption-key", "local:../a.key"]

    @Test(arguments: ["0x0578", "0x0478"])
    func `brings back files of every size, also through pipes`(suite: String) async throws {
        try await withProject { project in
            try await makeKey(project)
            let frame = 1000
            for size in [0, 1, frame - 1, frame, frame + 1, 5000, 70_000] {
                try project.scratch.write(String(repeating: "x", count: size), to: "app/plain")
                let sealed = try await project.buildspec(
                    [
                        "artifact", "encrypt", "plain", "-o", "sealed", "--suite", suite, "--frame-length",
                        "1000",
                    ]
                        + Self.key)
                #expect(sealed.status == 0, "\(sealed)")
                let opened = try await project.buildspec(
                    ["artifact", "decrypt", "sealed", "-o", "opened"] + Self.key)
                #expect(opened.status == 0, "\(opened)")
                #expect(try project.scratch.read("app/opened").count == size)
            }
            let script = """
                echo piped | "$0" artifact encrypt - -o - "$@" | "$0" artifact decrypt - -o piped "$@" && cat piped
                """
            let piped = try await project.tool(
                "/bin/sh", "-c", script, project.binary.executable.string, Self.key[0], Self.key[1])
            #expect(piped.standardOutput == "piped\n", "\(piped)")
        }
    }

    /// Every byte with `BUILDSPEC_LARGE_TESTS=1`; without, a byte of each part of a message.
    @Test func `no changed byte gets through, and no file appears`() async throws {
        let isLarge = ProcessInfo.processInfo.environment["BUILDSPEC_LARGE_TESTS"] != nil
        try await withProject { project in
            try await makeKey(project)
            try project.scratch.write("a text that is not released\n", to: "app/plain")
            _ = try await project.buildspec(
                ["artifact", "encrypt", "plain", "-o", "sealed", "--frame-length", "10"] + Self.key)
            let message = try project.scratch.read("app/sealed")
            for offset in stride(from: 0, to: message.count, by: isLarge ? 1 : 41) {
                var changed = message
                changed[offset] ^= 0x20
                let file = try FileDescriptor.open(
                    project.directory.appending("changed"), .writeOnly, options: [.create, .truncate],
                    permissions: .ownerReadWrite)
                try file.closeAfter { _ = try file.writeAll(changed) }
                for command in ["decrypt", "open"] {
                    let result = try await project.buildspec(
                        ["artifact", command, "changed", "-o", "opened"] + Self.key)
                    #expect(result.status == 1, "\(command) \(offset): \(result)")
                    #expect(result.standardOutput == "")
                    #expect(result.standardError.hasPrefix("buildspec: error: "))
                    #expect(try project.files(below: "app") == ["changed", "plain", "sealed"])
                }
            }
        }
    }

    @Test func `refuses what it cannot do before it does anything`() async throws {
        try await withProject { project in
            try await makeKey(project)
            try project.scratch.write("x", to: "app/plain")
            let cases: [[String]] = [
                ["missing", "-o", "sealed"], ["plain", "-o", "sealed", "--frame-length", "0"],
                ["plain", "-o", "sealed", "--frame-length", "1048577"],
                ["plain", "-o", "sealed", "--suite", "0x0178"],
                ["plain", "-o", "sealed", "--encryption-context", "aws-crypto-x=1"],
                ["plain", "-o", "sealed", "--encryption-context", "a=1", "--encryption-context", "a=2"],
                ["plain", "-o", "sealed", "--encryption-key", ""],
                ["plain", "-o", "sealed", "--encryption-key", "arn:x,account=1"],
            ]
            for arguments in cases {
                let result = try await project.buildspec(["artifact", "encrypt"] + arguments + Self.key)
                #expect(result.status == 2, "\(arguments): \(result)")
                #expect(result.standardError.hasPrefix("buildspec: error: "), "\(result)")
                #expect(try project.files(below: "app") == ["plain"])
            }
        }
    }

    @Test func `key and plaintext are nowhere but where they were put`() async throws {
        try await withProject(artifactBuildspec()) { project in
            // The same bytes raw, in hexadecimal and in base64, so that a search finds any of them.
            let key = "0123456789abcdefGHIJKLMNOPQRSTUV"
            try project.scratch.write(key, to: "a.key")
            try await project.tool("/bin/chmod", "600", "../a.key")
            let outcome = try await project.run(
                "--keep", "--output", "../dist", "--encryption-key", "local:../a.key")
            #expect(outcome.status == 0, "\(outcome)")
            let hexadecimal = key.utf8.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
            let base64 = Data(key.utf8).base64EncodedString()
            let found = try await project.tool(
                "/bin/grep", "-rlaiF", "-e", key, "-e", hexadecimal, "-e", String(base64.prefix(40)), "..")
            #expect(found.standardOutput == "../a.key\n", "\(found)")
            for text in [key, hexadecimal, base64] {
                #expect(!(outcome.standardOutput + outcome.standardError).contains(text))
            }
            let zips = try await project.tool("/usr/bin/find", "..", "-name", "*.zip")
            #expect(zips.standardOutput == "")
        }
    }

    /// While it waits for content: the key is loaded, and a crash would be a chance to see it.
    @Test func `the key is in no core dump, argument or variable`() async throws {
        try await withProject { project in
            try project.scratch.write("0123456789abcdefGHIJKLMNOPQRSTUV", to: "a.key")
            try await project.tool("/bin/chmod", "600", "../a.key")
            let script = """
                import glob, os, resource, signal, subprocess, sys, time
                unlimited = lambda: resource.setrlimit(resource.RLIMIT_CORE, (resource.RLIM_INFINITY,) * 2)
                process = subprocess.Popen([*sys.argv[1:], "artifact", "encrypt", "-", "-o", "sealed",
                    "--encryption-key", "local:../a.key"], stdin=subprocess.PIPE, preexec_fn=unlimited,
                    env=os.environ | {"SWIFT_BACKTRACE": "enable=no"})
                while not glob.glob(".buildspec-*.partial"): time.sleep(0.01)
                shown = b"".join(open(f"/proc/{process.pid}/{name}", "rb").read() for name in ("cmdline", "environ"))
                assert b"0123456789abcdef" not in shown
                os.kill(process.pid, signal.SIGABRT)
                status = os.waitpid(process.pid, 0)[1]
                print(os.WTERMSIG(status) == signal.SIGABRT, os.WCOREDUMP(status))
                """
            let killed = try await project.tool(
                "/usr/bin/python3", "-c", script, project.binary.executable.string)
            #expect(killed.standardOutput == "True False\n", "\(killed)")
            let found = try await project.tool("/bin/grep", "-rlaF", "0123456789abcdef", "..")
            #expect(found.standardOutput == "../a.key\n", "\(found)")
        }
    }
}
