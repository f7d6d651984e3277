import FoundationEssentials
import Glibc
import Subprocess
import SystemPackage
import TestSupport
import Testing

@testable import BuildEngine

@Suite(.timeLimit(.minutes(5))) struct RunnerFilesTests {
    @Test func `numbers count up per project, also for many at once`() async throws {
        try await withScratchDirectory { scratch in
            let file = scratch.path.appending("state.json")
            let numbers = try await withThrowingTaskGroup(of: Int.self) { group in
                for _ in 0..<40 { group.addTask { try BuildNumbers.next(for: "app", in: file) } }
                return try await group.reduce(into: [Int]()) { $0.append($1) }
            }
            #expect(numbers.sorted() == Array(1...40))
            #expect(try BuildNumbers.next(for: "other", in: file) == 1)
            #expect(try BuildNumbers.next(for: "app", in: file) == 41)
        }
    }

    @Test(arguments: [
        ("", 1), ("{", 1), ("[]", 1), ("{\"buildNumbers\":{\"app\":-5}}", 1),
        ("{\"buildNumbers\":{\"app\":\"x\"}}", 1),
        ("{\"buildNumbers\":{\"app\":9223372036854775807}}", 1), ("{\"buildNumbers\":{\"app\":6}}", 7),
        ("{\"buildNumbers\":{\"app\":1e400}}", 1),
    ])
    func `a spoilt state file is begun anew`(content: String, next: Int) async throws {
        try await withScratchDirectory { scratch in
            let file = try scratch.write(content, to: "state.json")
            #expect(try BuildNumbers.next(for: "app", in: file) == next)
            #expect(try BuildNumbers.next(for: "app", in: file) == next + 1)
        }
    }

    @Test func `a directory that cannot be written is an error with a hint`() {
        let error = #expect(throws: RunnerFailure.self) {
            try BuildNumbers.next(for: "app", in: "/no/such/directory/state.json")
        }
        #expect(error?.hint != nil)
    }

    @Test func `the work of a killed runner is removed and that of a living one is not`() async throws {
        try await withScratchDirectory { scratch in
            let living = BuildDirectories(base: scratch.path, uuid: "living")
            try BuildFiles.makeDirectories(living.work)
            let held = try WorkLock.take(living)
            defer { try? held.close() }
            let dead = BuildDirectories(base: scratch.path, uuid: "dead")
            try scratch.write("{}", to: "builds/dead/build.json")
            // A runner that took its lock and was killed.
            try scratch.write("", to: "builds/dead/work/lock")
            try scratch.write("x", to: "builds/dead/work/root/file")
            let lock = dead.work.appending("lock").string
            let holder = try await Subprocess.run(
                .name("flock"), arguments: [lock, "sh", "-c", "kill -KILL $$ $PPID"], output: .discarded)
            #expect(!holder.terminationStatus.isSuccess)
            await BuildFiles.sweep(scratch.path)
            #expect(access(living.work.string, F_OK) == 0)
            #expect(access(dead.work.string, F_OK) != 0)
            #expect(access(dead.record.string, F_OK) == 0)
        }
    }

    @Test(arguments: [
        "app.zip", "some/deep/key.zip", String(repeating: "n", count: 250) + ".zip", ".hidden", "é 日.zip",
    ])
    func `an artifact is stored whole under its key`(key: String) async throws {
        try await withScratchDirectory { scratch in
            let content = [UInt8](repeating: 7, count: 3_000_000)
            let file = try scratch.write(content, to: "staged")
            let store = DirectoryArtifactStore(directory: scratch.path.appending("out/artifacts"))
            let object = ArtifactObject(key: key, file: file, contentType: "application/zip", metadata: [:])
            for _ in 0..<2 {
                let stored = try await store.store(object)
                #expect(stored.location == store.location(ofKey: key))
                #expect(try scratch.read("out/artifacts/\(key)") == content)
            }
            #expect(try Self.files(in: scratch.path.appending("out")) == 1)
        }
    }

    @Test func `a failed or stopped store leaves the old artifact and nothing else`() async throws {
        try await withScratchDirectory { scratch in
            try scratch.write("old", to: "out/app.zip")
            let store = DirectoryArtifactStore(directory: scratch.path.appending("out"))
            let missing = ArtifactObject(
                key: "app.zip", file: scratch.path.appending("none"), contentType: "", metadata: [:])
            await #expect(throws: RunnerFailure.self) { try await store.store(missing) }
            let file = try scratch.write("new", to: "staged")
            let object = ArtifactObject(key: "app.zip", file: file, contentType: "", metadata: [:])
            let task = Task {
                withUnsafeCurrentTask { $0?.cancel() }
                return try await store.store(object)
            }
            await #expect(throws: RunnerFailure.self) { try await task.value }
            #expect(try scratch.read("out/app.zip") == Array("old".utf8))
            #expect(try Self.files(in: scratch.path.appending("out")) == 1)
        }
    }

    private static func files(in directory: FilePath) throws -> Int {
        try FileManager.default.subpathsOfDirectory(atPath: directory.string).filter { name in
            var status = stat()
            return lstat(directory.appending(name).string, &status) == 0 && status.st_mode & S_IFMT != S_IFDIR
        }.count
    }
}
