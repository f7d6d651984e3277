import Glibc
import SystemPackage
import Testing

@testable import Archiving

/// Files as long as only some file systems can have them, with nothing in them.
@Suite(.enabled(if: access("/dev/shm", W_OK) == 0, "there is no /dev/shm, whose files may be that long"))
struct HugeFileTests {
    @Test(arguments: [(1 << 60) + 1, Int.max])
    func `a file that is longer than can be counted with is refused by its name`(size: Int) throws {
        try withHugeFiles([size]) { path in
            let tree = try CodeTree(path)
            for statuses in [tree.statuses, []] {
                let error = #expect(throws: ArchivingError.self) {
                    try ZipWriter().bytes(of: tree.selection, statuses: statuses)
                }
                #expect(error?.code == .limitExceeded)
                #expect(error?.description.contains("file0") == true)
            }
        }
    }

    @Test func `the bytes of a tree stay countable`() throws {
        try withHugeFiles([Int.max, Int.max, Int.max]) { path in
            let tree = try CodeTree(path)
            #expect(tree.size == .max)
        }
        try withHugeFiles([5, 6]) { path in
            let tree = try CodeTree(path)
            #expect(tree.size == 11)
        }
    }

    private func withHugeFiles(_ sizes: [Int], _ body: (FilePath) throws -> Void) throws {
        var template = Array("/dev/shm/buildspec-test.XXXXXX".utf8CString)
        try #require(mkdtemp(&template) != nil)
        let path = FilePath(
            String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self))
        defer {
            for number in sizes.indices { unlink(path.appending("file\(number)").string) }
            rmdir(path.string)
        }
        for (number, size) in sizes.enumerated() {
            let file = try FileDescriptor.open(
                path.appending("file\(number)"), .writeOnly, options: [.create],
                permissions: .ownerReadWrite)
            try file.closeAfter { try file.resize(to: Int64(size)) }
        }
        try body(path)
    }
}
