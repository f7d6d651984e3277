import FoundationEssentials
import Glibc
import SystemPackage
import TestSupport
import Testing

/// A disk without room, for each of the things that a build writes.
@Suite struct FullDiskTests {
    /// The outcome, and what was left on the small disk.
    struct Leavings {
        var outcome: Program.Outcome
        var files: [String]
        var record: RecordFile?
        var log: String?
    }

    /// Runs a build where `disk`, below the scratch directory, is a file system of a few MiB, and keeps what is on it.
    /// - Returns: nil where mounting is not allowed, which is said.
    private func run(
        _ project: TestProject, disk: String, size: String, filled: String = "0", _ options: String...
    ) async throws -> Leavings? {
        guard geteuid() == 0 else {
            Issue.record("not tested: only the super-user mounts a small disk", severity: .warning)
            return nil
        }
        let path = project.scratch.path.appending(disk)
        try FileManager.default.createDirectory(atPath: path.string, withIntermediateDirectories: true)
        let script = """
            mount -t tmpfs -o size=$3 small "$1" || exit 99
            [ "$4" = 0 ] || head -c "$4" /dev/zero > "$1/ballast"
            cd "$2"; disk=$1; kept=$5
            shift 5
            "$0" run "$@"
            status=$?
            rm -f "$disk/ballast"
            cp -a "$disk" "$kept"
            exit $status
            """
        let kept = project.scratch.path.appending("kept")
        var invocation = Program.Invocation(
            [
                "-m", "sh", "-c", script, project.binary.executable.string, path.string,
                project.directory.string, size, filled, kept.string,
            ] + options)
        invocation.environment = project.environment
        let outcome = try await Program("/usr/bin/unshare").run(invocation)
        guard outcome.status != 99, !outcome.standardError.hasPrefix("unshare:") else {
            Issue.record(
                "not tested: mounting is not allowed here (\(outcome.standardError))", severity: .warning)
            return nil
        }
        let files = try project.files(below: "kept")
        func text(_ name: String) throws -> [UInt8]? {
            try files.first { $0.hasSuffix(name) }.map { try project.scratch.read("kept/\($0)") }
        }
        return Leavings(
            outcome: outcome, files: files, record: try text("/build.json").map(RecordFile.read),
            log: try text("/build.log").map { String(decoding: $0, as: UTF8.self) })
    }

    @Test(arguments: ["bubblewrap", "host"])
    func `a build that fills its workspace ends with 3, a whole record and a log`(
        sandbox: String
    ) async throws {
        let buildspec = commands("echo before", "head -c 20000000 /dev/zero > filling", "echo after")
        try await withProject(buildspec) { project in
            guard
                let left = try await run(
                    project, disk: "app/.buildspec", size: "6m", "--sandbox", sandbox)
            else { return }
            #expect(left.outcome.status == 3)
            #expect(
                left.outcome.standardError.contains("cannot run the build's commands: "),
                "\(left.outcome.standardError)")
            #expect(left.outcome.standardError.contains("No space left on device"))
            #expect(
                left.outcome.standardError.contains(
                    "\n  hint: free space on the file system of \(project.directory)/.buildspec/"))
            #expect(left.record?.buildComplete == true)
            #expect(left.record?.buildStatus == "FAILED")
            #expect(left.log?.contains("\nbefore\n") == true)
            #expect(left.files.allSatisfy { !$0.contains("/work/") && !$0.hasSuffix(".partial") })
        }
    }

    @Test(arguments: ["bubblewrap", "host"])
    func `a command that succeeds on a full disk loses no variable silently`(sandbox: String) async throws {
        let buildspec = commands(
            "X=before", "head -c 20000000 /dev/zero > filling || true; X=$(printf %0200000d 1)",
            "echo \"went on with $X\"")
        try await withProject(buildspec + "  post_build:\n    commands: ['echo \"went on\"']\n") { project in
            guard
                let left = try await run(
                    project, disk: "app/.buildspec", size: "6m", "--sandbox", sandbox)
            else { return }
            #expect(left.outcome.status == 3, "\(left.outcome)")
            #expect(
                left.outcome.standardError.contains(
                    "cannot run the build's commands: the command's variables and directory are lost: "
                        + "No space left on device\n  hint: free space on the file system of "),
                "\(left.outcome.standardError)")
            #expect(!left.outcome.standardOutput.contains("\nwent on"))
            #expect(left.record?.phase("BUILD")?.phaseStatus == "FAILED")
            #expect(left.record?.buildComplete == true)
        }
    }

    @Test func `a source that is too large for the disk ends with 3`() async throws {
        try await withProject(commands("true")) { project in
            try project.scratch.write([UInt8](repeating: 1, count: 8_000_000), to: "app/large.bin")
            guard let left = try await run(project, disk: "app/.buildspec", size: "4m") else { return }
            #expect(left.outcome.status == 3)
            #expect(
                left.outcome.standardError.contains(
                    "large.bin: No space left on device\n"
                        + "  hint: free space on the file system of \(project.directory)/.buildspec/"))
            #expect(left.record?.phase("DOWNLOAD_SOURCE")?.phaseStatus == "FAILED")
            #expect(left.files.allSatisfy { !$0.contains("/work/") })
        }
    }

    @Test func `a log that fills the disk costs its middle, not the record`() async throws {
        let buildspec = commands("yes 0123456789 | head -c 12000000")
        try await withProject(buildspec) { project in
            guard let left = try await run(project, disk: "app/.buildspec", size: "5m") else { return }
            #expect(left.outcome.status == 3)
            #expect(left.outcome.standardError.contains("No space left on device\n  hint: free space on "))
            #expect(left.record?.buildComplete == true)
            #expect((left.log?.utf8.count ?? 0) > 3_000_000)
        }
    }

    @Test func `a disk without room at the start is said before anything runs`() async throws {
        try await withProject(commands("echo ran")) { project in
            guard
                let left = try await run(
                    project, disk: "app/.buildspec", size: "1m", filled: "1000000")
            else { return }
            #expect(left.outcome.status == 3)
            #expect(left.outcome.standardOutput == "")
            #expect(
                left.outcome.standardError.hasPrefix(
                    "buildspec: error: cannot reserve room for the build's record: No space left on device\n"
                        + "  hint: free space on the file system of \(project.directory)/.buildspec/"),
                "\(left.outcome.standardError)")
            #expect(left.files == [])
        }
    }

    @Test func `artifacts that find no room leave nothing half-written`() async throws {
        let buildspec =
            commands("head -c 6000000 /dev/urandom > large.bin") + "artifacts:\n  files: [large.bin]\n"
        try await withProject(buildspec) { project in
            let place = project.scratch.path.appending("out")
            guard
                let left = try await run(
                    project, disk: "out", size: "2m", "--output", place.string, "--encryption", "none")
            else { return }
            #expect(left.outcome.status == 3)
            #expect(left.outcome.standardError.contains("cannot store "))
            #expect(
                left.outcome.standardError.contains("\n  hint: free space on the file system of \(place)"))
            #expect(left.files == [])
            let record = try project.record()
            #expect(record.buildComplete)
            #expect(record.phase("UPLOAD_ARTIFACTS")?.phaseStatus == "FAILED")
            #expect(try project.log().contains("UPLOAD_ARTIFACTS State: FAILED"))
        }
    }

    @Test func `an artifact that finds no room while it is packed ends the build with 3`() async throws {
        let buildspec =
            commands("head -c 4000000 /dev/urandom > large.bin") + "artifacts:\n  files: [large.bin]\n"
        try await withProject(buildspec) { project in
            guard let left = try await run(project, disk: "app/.buildspec", size: "6m") else { return }
            #expect(left.outcome.status == 3)
            #expect(
                left.outcome.standardError.contains(
                    "\n  hint: free space on the file system of \(project.directory)/.buildspec/"),
                "\(left.outcome.standardError)")
            #expect(left.record?.phase("UPLOAD_ARTIFACTS")?.phaseStatus == "FAILED")
            #expect(left.files.allSatisfy { !$0.contains("/work/") && !$0.contains("artifacts/") })
        }
    }

    @Test func `a build needs no room among the machine's temporary files`() async throws {
        try await withProject(commands("echo x > /tmp/x && cat /tmp/x")) { project in
            var project = project
            project.environment["TMPDIR"] = project.scratch.path.appending("temporary").string
            guard
                let left = try await run(project, disk: "temporary", size: "64k", filled: "65536")
            else { return }
            #expect(left.outcome.status == 0)
        }
    }
}
