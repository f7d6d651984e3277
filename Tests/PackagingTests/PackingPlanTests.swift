import Archiving
import Synchronization
import SystemPackage
import TestSupport
import Testing

@testable import Packaging

struct PackingPlanTests {
    /// Trees of files whose sizes are given.
    private static func plan(
        _ trees: [(path: FilePath, files: [String: Int], isNew: Bool)]
    ) throws -> PackingPlan {
        let scratch = try Scratch()
        return PackingPlan(
            try trees.map { tree in
                for (name, size) in tree.files {
                    try scratch.sh(
                        "mkdir -p \(tree.path)/$(dirname \(name)); truncate -s \(size) \(tree.path)/\(name)")
                }
                let entries = try CodeTree(scratch.path.appending(tree.path.string)).entries
                return PackingPlan.Candidate(path: tree.path, entries: entries, isNew: tree.isNew)
            })
    }

    @Test func `trees with an eighth of their bytes in common are a group`() throws {
        let plan = try Self.plan([
            ("a", ["lib/long": 8_000, "app": 2_000], true),
            ("b", ["app": 2_001, "other": 9_000], true),
            // Elsewhere, but with the same name and size.
            ("c", ["libraries/long": 8_000, "app": 56_000], false),
            ("d", ["lib/long": 8_000, "app": 56_008], true),
            // Short files do not count, however many.
            ("e", ["s1": 1_000, "s2": 1_000, "s3": 1_000], true),
            ("f", ["s1": 1_000, "s2": 1_000, "s3": 1_000], true),
        ])
        let places = ["a", "b", "c", "d", "e", "f"].map { plan.group(of: $0) }
        #expect(places == [0, 1, 0, 2, 3, 4])
        #expect(plan.group(of: "g") == nil)
        #expect(plan.groups.map(\.count) == [2, 1, 1, 1, 1])
        #expect(plan.hasWork(besides: 0))
    }

    @Test func `a tree that repeats itself is packed as if it had others beside it`() throws {
        let plan = try Self.plan([
            ("a", ["x/f": 2_000, "y/f": 2_000, "z/f": 2_000, "rest": 26_000], true),
            ("b", ["x/g": 2_000, "y/g": 2_000, "rest": 15_000], true),
            // Only in common with what the second of a group has beyond the first.
            ("c", ["rest": 26_000, "more": 26_001], true), ("d", ["more": 26_001], true),
        ])
        #expect(plan.groups.map(\.repeatsItself) == [true, false])
        #expect(plan.groups.map(\.hasRepetitions) == [true, false])
        #expect(["a", "b", "c", "d"].map { plan.group(of: $0) } == [0, 1, 0, 0])
    }

    @Test func `other groups have work when something of them is new`() throws {
        let plan = try Self.plan([
            ("a", ["x": 5_000], true), ("b", ["y": 6_000], false), ("c", ["x": 5_000], false),
        ])
        #expect(!plan.hasWork(besides: 0))
        #expect(plan.hasWork(besides: 1))
    }

    @Test func `one of a group goes ahead, and the others follow also when it fails`() async throws {
        let plan = try Self.plan([
            ("a1", ["x": 5_000], true), ("a2", ["x": 5_000], true), ("a3", ["x": 5_000], true),
            ("b", ["y": 6_000], true),
        ])
        let turns = PackingTurns { plan }
        let log = Log()
        await withTaskGroup(of: Void.self) { group in
            for path in ["a1", "a2", "a3", "b", "unknown"] {
                group.addTask {
                    try? await turns.take(FilePath(path)) { turn throws(TemplateError) in
                        #expect(!turn.isAlone)
                        #expect(turn.isRelated == (path != "b"))
                        log.begun.withLock { $0.append(path) }
                        for _ in 0..<100 { await Task.yield() }
                        log.done.withLock { $0.append(path) }
                        let begun = log.begun.withLock { $0.filter { $0.hasPrefix("a") } }
                        if begun.first == path {
                            #expect(begun == [path])
                            throw TemplateError(.unwritable, path, "no room")
                        }
                    }
                }
            }
        }
        #expect(log.done.withLock { $0.sorted() } == ["a1", "a2", "a3", "b", "unknown"])
    }

    private final class Log: Sendable {
        let begun = Mutex<[String]>([])
        let done = Mutex<[String]>([])
    }

    @Test func `the first of the only group has all threads`() async throws {
        let plan = try Self.plan([
            ("a1", ["x": 5_000], true), ("a2", ["x": 5_000], true), ("b", ["y": 6_000], false),
        ])
        let turns = PackingTurns { plan }
        let first = await turns.take("a2") { $0 }
        #expect(first == PackingTurns.Turn(isAlone: true, isRelated: true))
        let second = await turns.take("a1") { $0 }
        #expect(second == PackingTurns.Turn(isAlone: false, isRelated: true))
        let last = await turns.take("b") { $0 }
        #expect(last.isRelated == false)
    }
}
