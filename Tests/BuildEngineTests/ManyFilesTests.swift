import FoundationEssentials
import Glibc
import SystemPackage
import Testing

@testable import BuildEngine

/// A source of a size that few have.
@Suite struct ManyFilesTests {
    /// In memory, as making so many files takes a disk longer than all else.
    @Test func `a workspace with 100,000 files is copied whole, and removed`() throws {
        guard access("/dev/shm", W_OK) == 0 else {
            Issue.record("not tested: there is no /dev/shm", severity: .warning)
            return
        }
        var template = Array("/dev/shm/buildspec-test-XXXXXX".utf8CString)
        try #require(mkdtemp(&template) != nil)
        let place = FilePath(
            String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self))
        let (source, target) = (place.appending("source"), place.appending("target"))
        for directory in [source, target] { try #require(mkdir(directory.string, 0o755) == 0) }
        for number in 0..<100_000 {
            if number % 500 == 0 { mkdir(source.appending("d\(number / 500)").string, 0o755) }
            let file = open(source.appending("d\(number / 500)/\(number)").string, O_WRONLY | O_CREAT, 0o644)
            if number % 1000 == 0 { write(file, "content", 7) }
            close(file)
        }
        var copy = TreeCopy(excluding: ".buildspec")
        try copy.run(from: source, to: target)
        var (count, size) = (0, 0)
        for directory in try FileManager.default.contentsOfDirectory(atPath: target.string) {
            let files = try FileManager.default.contentsOfDirectory(
                atPath: target.appending(directory).string)
            count += files.count
            for name in files where name.hasSuffix("000") || name == "0" {
                var status = stat()
                if stat(target.appending(directory).appending(name).string, &status) == 0 {
                    size += Int(status.st_size)
                }
            }
        }
        #expect(count == 100_000)
        #expect(size == 700)
        try TreeRemoval.remove(place)
        #expect(access(place.string, F_OK) != 0)
    }
}
