import SystemPackage
import TestSupport
import Testing

@testable import Packaging

struct CodeMemoryTests {
    @Test(arguments: [(count: 4_000, left: 4_000), (count: 4_001, left: 2_001)])
    func `of too many zips the older half is forgotten, and nothing else`(count: Int, left: Int) throws {
        let scratch = try Scratch()
        try scratch.sh(
            """
            mkdir cache; cd cache; echo mine > other
            for i in $(seq 1 \(count)); do echo zip-$i; done | xargs touch -d 2001-01-01
            for i in $(seq 1 3 \(count)); do echo zip-$i; done | xargs touch -d 2002-01-01
            """)
        CodeMemory(scratch.path.appending("cache")).forgetIfMany()
        #expect(try scratch.sh("ls cache | grep -c zip-") == "\(left)\n")
        let newer = try scratch.sh("find cache -name 'zip-*' -newermt 2001-06-01 | wc -l")
        #expect(newer == "\((count + 2) / 3)\n")
        #expect(try scratch.sh("cat cache/other") == "mine\n")
    }

    @Test func `a new zip makes room`() async throws {
        let scratch = try Scratch()
        try scratch.sh(
            "mkdir cache; cd cache; for i in $(seq 1 4001); do echo tree-$i; done | xargs touch -d 2001-01-01"
        )
        let memory = CodeMemory(scratch.path.appending("cache"))
        try scratch.sh(
            "mkdir c s; echo 1 > c/f; echo 'Resources: {F: {Type: AWS::Lambda::Function, Properties: {Code: c}}}' > t.yaml"
        )
        let template = try TemplatePackage(
            scratch.path.appending("t.yaml"), named: "t.yaml", options: TemplatePackage.Options())
        let store = SilentStore()
        for expected in ["2002", "2002"] {
            _ = try await template.readingCode(memory: memory) { reading in
                try await template.package(
                    into: store, reading: reading, scratch: scratch.path.appending("s"))
            }
            #expect(try scratch.sh("ls cache | wc -l") == expected + "\n")
        }
    }
}

/// A store that takes everything and has nothing.
private struct SilentStore: TemplateStore {
    func present() -> StoredKeys { StoredKeys([], isComplete: true) }
    func contains(_ key: String) -> Bool { false }
    func store(_ content: TemplateContent, as key: String) {}
    func location(of key: String) -> TemplateLocation {
        TemplateLocation(bucket: "bucket", key: key, address: "https://bucket/\(key)")
    }
}
