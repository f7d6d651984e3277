import Glibc
import SystemPackage
import TestSupport
import Testing

@testable import Archiving

/// Whether a tree is still what it was.
struct CodeTreeTests {
    private static let minute: UInt64 = 60_000_000_000

    /// Changed at a time that is no multiple of 10 ms, so and so long before; on this machine's own file system or not.
    @Test(arguments: [
        (ago: 300_000_000, isLocal: true, fraction: 123_456_789, isSettled: true),
        (ago: 200_000_000, isLocal: true, fraction: 123_456_789, isSettled: false),
        (ago: 300_000_000, isLocal: false, fraction: 123_456_789, isSettled: false),
        (ago: 2_100_000_000, isLocal: false, fraction: 123_456_789, isSettled: true),
        // File systems that keep seconds.
        (ago: 1_900_000_000, isLocal: true, fraction: 0, isSettled: false),
        (ago: 2_100_000_000, isLocal: true, fraction: 0, isSettled: true),
    ])
    func `only what was changed a tick of the clock ago is settled`(
        ago: UInt64, isLocal: Bool, fraction: UInt64, isSettled: Bool
    ) {
        let changed = Self.minute + fraction
        // The time that anybody can set tells nothing of the file system.
        for modified in [0, changed] {
            let status = FileStatus(
                device: 1, inode: 1, mode: 0o100644, size: 1, modified: modified, changed: changed)
            #expect(status.isSettled(before: changed + ago, isLocal: isLocal) == isSettled)
        }
        let future = FileStatus(
            device: 1, inode: 1, mode: 0o100644, size: 1, modified: .max, changed: changed)
        #expect(!future.isSettled(before: changed + ago, isLocal: isLocal))
    }

    /// Where the scratch directory is on a file system that is not in the list, two seconds are right.
    @Test func `a tree asks its file system whose times it has`() async throws {
        let scratch = try Scratch()
        try scratch.sh("mkdir t; echo 1 > t/f")
        let kind = try scratch.sh("stat -f -c %T t").split(separator: "\n").joined()
        let isLocal = ["ext2/ext3", "xfs", "btrfs", "f2fs", "overlayfs", "tmpfs"].contains(kind)
        try await Task.sleep(for: .milliseconds(600))
        let tree = try CodeTree(scratch.path.appending("t"))
        let status = try #require(tree.entries[0].status)
        #expect(tree.isSettled(status) == (isLocal && !status.changed.isMultiple(of: 10_000_000)), "\(kind)")
    }

    @Test(arguments: [
        ("true", true), ("echo >> d/f", true), ("touch -d 2001-01-01 d/f", true), ("touch g", false),
        ("rm d/f", false), ("mv d/f d/h", false), ("ln -sfn /tmp d/l", false), ("mv d e; mkdir d", false),
        ("chmod 700 d", false), ("rm -r d", false),
    ])
    func `directories tell whether names are the same`(change: String, areSame: Bool) async throws {
        let scratch = try Scratch()
        try scratch.sh("mkdir -p t/d; echo 1 > t/d/f; ln -s f t/d/l")
        try await Task.sleep(for: .seconds(2.2))
        let tree = try CodeTree(scratch.path.appending("t"))
        #expect(tree.hasSameNames)
        try scratch.sh("cd t; \(change)")
        #expect(tree.hasSameNames == areSame)
    }

    @Test func `directories that were changed just now do not tell`() throws {
        let scratch = try Scratch()
        try scratch.sh("mkdir t; echo 1 > t/f; touch t")
        #expect(try !CodeTree(scratch.path.appending("t")).hasSameNames)
    }

    @Test(
        arguments: ["echo 1 >> b", "touch -d 2001-01-01 b", "rm b", "cp -p b c; mv c b", "chmod +x b"],
        [4 << 20, 10_000])
    func `a file that is not what it was is not packed`(change: String, blockSize: Int) throws {
        let scratch = try Scratch()
        try scratch.sh("mkdir t; cd t; seq 1 9000 > a; seq 1 8000 > b; ln -s b l")
        let tree = try CodeTree(scratch.path.appending("t"))
        try scratch.sh("cd t; \(change)")
        let file = try FileDescriptor.open(
            scratch.path.appending("out.zip"), .readWrite, options: [.create], permissions: .ownerReadWrite)
        defer { try? file.close() }
        let writer = ZipWriter(options: ZipOptions(), blockSize: blockSize, threads: 2)
        let error = #expect(throws: ArchivingError.self) {
            _ = try writer.write(tree.selection, statuses: tree.statuses, to: file)
        }
        #expect(error?.code == .changedWhileReading)
        #expect(error?.description.contains("/t/b changed") == true)
    }
}
