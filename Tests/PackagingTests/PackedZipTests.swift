import SystemPackage
import TestSupport
import Testing

@testable import Packaging

@Suite struct PackedZipTests {
    @Test func `what has no room in memory is told so, until something is given back`() {
        let room = MemoryRoom(100)
        #expect(room.take(60))
        #expect(!room.take(41))
        #expect(room.take(40))
        #expect(!room.take(1))
        PackedZip(content: .bytes([UInt8](repeating: 0, count: 30)), md5: "", room: room).remove()
        #expect(!room.take(31))
        #expect(room.take(30))
        // What was larger than foreseen counts.
        room.give(-50)
        #expect(!room.take(0))
        room.give(50)
        #expect(room.take(0) && !room.take(1))
    }

    @Test func `a file is removed`() throws {
        let scratch = try Scratch()
        try scratch.sh("touch zip other")
        PackedZip(content: .file(scratch.path.appending("zip")), md5: "", room: MemoryRoom(0)).remove()
        #expect(try scratch.sh("ls") == "other\n")
    }

    @Test func `zips are the same in memory and in files`() async throws {
        let scratch = try Scratch()
        try scratch.sh(
            """
            mkdir scratch; echo Resources: > t.yaml
            for i in 1 2 3 4 5 6 7 8 9; do
                mkdir "s$i"; head -c 3900000 /dev/urandom > "s$i/noise"; seq "$i" 9999 > "s$i/text"
                echo "  F$i: {Type: AWS::Lambda::Function, Properties: {Code: s$i}}" | tee -a t.yaml > "alone$i"
                { echo Resources:; cat "alone$i"; } > "t$i.yaml"
            done
            """)
        func keys(_ template: String, delay: Duration) async throws -> Set<String> {
            let store = SlowStore(delay: delay)
            _ = try await TemplatePackage.package(template, in: scratch, into: store)
            #expect(try scratch.sh("ls -A scratch") == "")
            return await store.keys
        }
        var alone: Set<String> = []
        for number in 1...9 { alone.formUnion(try await keys("t\(number).yaml", delay: .zero)) }
        #expect(alone.filter { $0.hasPrefix("memory ") }.count == 9)
        // While none of them is stored, there is room for two.
        let all = try await keys("t.yaml", delay: .seconds(2))
        #expect(all.filter { $0.hasPrefix("memory ") }.count == 2)
        #expect(all.filter { $0.hasPrefix("file ") }.count == 7)
        #expect(
            Set(all.map { $0.split(separator: " ")[1] }) == Set(alone.map { $0.split(separator: " ")[1] }))
    }

    @Test func `a zip's key is the MD5 of its bytes, in memory and in files`() async throws {
        let scratch = try Scratch()
        try scratch.sh(
            """
            mkdir scratch small large stored; echo code > small/app.py
            head -c 5000000 /dev/urandom > large/noise
            echo 'Resources:' > t.yaml
            for code in small large; do
                echo "  $code: {Type: AWS::Lambda::Function, Properties: {Code: $code}}" >> t.yaml
            done
            """)
        let store = KeepingStore(directory: scratch.path.appending("stored"))
        _ = try await TemplatePackage.package("t.yaml", in: scratch, into: store)
        #expect(await store.forms == ["memory", "file"])
        // Each file has its key for a name.
        let sums = try scratch.sh("cd stored; md5sum * | awk '{print ($1 == $2)}'")
        #expect(sums == "1\n1\n")
    }

    /// A store that lays all down in a directory.
    private actor KeepingStore: TemplateStore {
        let directory: FilePath
        private(set) var forms: Set<String> = []

        init(directory: FilePath) {
            self.directory = directory
        }

        func present() -> StoredKeys { StoredKeys([], isComplete: true) }

        func contains(_ key: String) -> Bool { false }

        func store(_ content: TemplateContent, as key: String) async throws(TemplateError) {
            do {
                let zip: [UInt8]
                switch content {
                case .bytes(let bytes):
                    forms.insert("memory")
                    zip = bytes
                case .file(let path):
                    forms.insert("file")
                    let file = try FileDescriptor.open(path, .readOnly)
                    zip = try file.closeAfter {
                        try [UInt8](unsafeUninitializedCapacity: 8 << 20) { buffer, count in
                            count = try file.read(into: UnsafeMutableRawBufferPointer(buffer))
                        }
                    }
                }
                let file = try FileDescriptor.open(
                    directory.appending(key), .writeOnly, options: [.create, .exclusiveCreate],
                    permissions: .ownerReadWrite)
                _ = try file.closeAfter { try file.writeAll(zip) }
            } catch {
                throw TemplateError(.storeFailed, key, "\(error)")
            }
        }

        nonisolated func location(of key: String) -> TemplateLocation {
            TemplateLocation(bucket: "bucket", key: key, address: "https://bucket/\(key)")
        }
    }

    /// A store that takes its time, and notes in what form it was given what.
    private actor SlowStore: TemplateStore {
        let delay: Duration
        private(set) var keys: Set<String> = []

        init(delay: Duration) {
            self.delay = delay
        }

        func present() -> StoredKeys { StoredKeys([], isComplete: true) }

        func contains(_ key: String) -> Bool { false }

        func store(_ content: TemplateContent, as key: String) async throws(TemplateError) {
            switch content {
            case .bytes: keys.insert("memory " + key)
            case .file: keys.insert("file " + key)
            }
            try? await Task.sleep(for: delay)
        }

        nonisolated func location(of key: String) -> TemplateLocation {
            TemplateLocation(bucket: "bucket", key: key, address: "https://bucket/\(key)")
        }
    }
}
