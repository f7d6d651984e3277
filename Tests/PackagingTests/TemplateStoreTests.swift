import Synchronization
import SystemPackage
import TestSupport
import Testing

@testable import Packaging

struct TemplateStoreTests {
    /// A store that counts what it is asked.
    private final class CountingStore: TemplateStore {
        let isComplete: Bool
        let keys = Mutex<Set<String>>([])
        let asked = Mutex(0)

        init(isComplete: Bool) {
            self.isComplete = isComplete
        }

        func present() -> StoredKeys { StoredKeys(keys.withLock { $0 }, isComplete: isComplete) }

        func contains(_ key: String) -> Bool {
            asked.withLock { $0 += 1 }
            return keys.withLock { $0.contains(key) }
        }

        func store(_ content: TemplateContent, as key: String) {
            _ = keys.withLock { $0.insert(key) }
        }

        func location(of key: String) -> TemplateLocation {
            TemplateLocation(bucket: "bucket", key: key, address: "https://bucket/\(key)")
        }
    }

    @Test(arguments: [(true, 0), (false, 5)])
    func `a listing that is whole spares a question for each new object`(
        isComplete: Bool, questions: Int
    ) async throws {
        let scratch = try Scratch()
        try scratch.sh(
            """
            echo Resources: > t.yaml; mkdir scratch
            for i in 1 2 3 4 5; do
                mkdir "s$i"; echo "$i" > "s$i/code"
                echo "  F$i: {Type: AWS::Lambda::Function, Properties: {Code: s$i}}" >> t.yaml
            done
            """)
        let store = CountingStore(isComplete: isComplete)
        let memory = CodeMemory(scratch.path.appending("cache"), of: scratch.path)
        func package() async throws -> TemplatePackage.Result {
            try await TemplatePackage.package("t.yaml", in: scratch, into: store, memory: memory)
        }
        let first = try await package()
        #expect(first.storedCount == 5)
        #expect(try scratch.sh("cat cache/* | grep -aoE '[0-9a-f]{64} at 1: [0-9a-f]{32}' | wc -l") == "5\n")
        #expect(store.asked.withLock { $0 } == questions)
        let second = try await package()
        #expect(second.storedCount == 0 && second.unchangedCount == 5)
        #expect(second.text == first.text)
        #expect(store.asked.withLock { $0 } == questions)
        #expect(try scratch.sh("ls -A scratch") == "")
        // Where nothing is packed, nothing is laid there; for a while no file is believed to be unchanged.
        try await Task.sleep(for: .seconds(2.2))
        _ = try await package()
        try scratch.sh("rmdir scratch")
        #expect(try await package().unchangedCount == 5)
        #expect(try scratch.sh("[ ! -e scratch ] || echo there") == "")
    }

    @Test func `each level has its own zips, and what was made at one is known there`() async throws {
        let scratch = try Scratch()
        try scratch.sh(
            """
            mkdir scratch code; seq 1 9999 > code/f
            echo 'Resources: {F: {Type: AWS::Lambda::Function, Properties: {Code: code}}}' > t.yaml
            """)
        let store = CountingStore(isComplete: true)
        let memory = CodeMemory(scratch.path.appending("cache"), of: scratch.path)
        func stored(at level: Int) async throws -> Int {
            var options = TemplatePackage.Options()
            options.level = level
            return try await TemplatePackage.package(
                "t.yaml", in: scratch, into: store, memory: memory, options: options
            ).storedCount
        }
        #expect(TemplatePackage.Options().level == 1)
        #expect(try await stored(at: 1) == 1)
        #expect(try await stored(at: 9) == 1)
        #expect(store.keys.withLock { $0.count } == 2)
        #expect(try await stored(at: 1) == 0)
        #expect(try await stored(at: 9) == 0)
    }

    @Test(arguments: ["echo 2 >> code/f", "echo 2 > code/g", "rm code/f"])
    func `code that changes between reading and packing is refused`(change: String) async throws {
        let scratch = try Scratch()
        try scratch.sh(
            """
            mkdir scratch code; echo 1 > code/f; echo 1 > code/h
            echo 'Resources: {F: {Type: AWS::Lambda::Function, Properties: {Code: code}}}' > t.yaml
            """)
        let store = CountingStore(isComplete: true)
        let memory = CodeMemory(scratch.path.appending("cache"), of: scratch.path)
        let template = try TemplatePackage(
            scratch.path.appending("t.yaml"), named: "t.yaml", options: TemplatePackage.Options())
        let error = await #expect(throws: TemplateError.self) {
            try await template.readingCode(memory: memory) { reading in
                // It has been read when it is asked for.
                _ = try await reading.fingerprint(of: scratch.path.appending("code"), "F")
                try scratch.sh(change)
                return try await template.package(
                    into: store, reading: reading, scratch: scratch.path.appending("scratch"))
            }
        }
        #expect(error?.code == .changed)
        #expect(error?.description.contains("changed while it was being packed") == true)
        #expect(store.keys.withLock { $0 }.isEmpty)
        // A zip's digest and MD5 stand one behind the other.
        #expect(
            try scratch.sh(
                "ls -A scratch; cat cache/* 2>/dev/null | grep -acE '[0-9a-f]{64} at 1: [0-9a-f]{32}' || true"
            )
                == "0\n")
    }

    @Test func `functions with the same libraries become the zips that they become alone`() async throws {
        let scratch = try Scratch()
        try scratch.sh(
            """
            mkdir scratch lib; for i in $(seq 40); do seq "$i" $((i * 300)) > "lib/m$i.py"; done
            echo Resources: > t.yaml
            for i in 1 2 3 4 5 6; do
                cp -r lib "s$i"; echo "$i" > "s$i/app.py"
                echo "  F$i: {Type: AWS::Lambda::Function, Properties: {Code: s$i}}" | tee -a t.yaml > "alone$i"
                { echo Resources:; cat "alone$i"; } > "t$i.yaml"
            done
            """)
        func keys(_ template: String) async throws -> Set<String> {
            let store = CountingStore(isComplete: true)
            _ = try await TemplatePackage.package(template, in: scratch, into: store)
            return store.keys.withLock { $0 }
        }
        var alone: Set<String> = []
        for number in 1...6 { alone.formUnion(try await keys("t\(number).yaml")) }
        #expect(alone.count == 6)
        #expect(try await keys("t.yaml") == alone)
    }
}
