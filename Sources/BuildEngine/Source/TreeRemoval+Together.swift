import Dispatch
import Glibc
import Synchronization
import SystemPackage

extension TreeRemoval {
    /// What a directory of the runner's own holds; nothing when it is none.
    static func entries(_ directory: FilePath) -> [FilePath] {
        let descriptor = open(directory.string, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
        guard descriptor >= 0 else { return [] }
        defer { close(descriptor) }
        let names = (try? DirectoryNames.read(descriptor, directory.string)) ?? []
        return names.map { name in
            directory.pushing(
                name.withUnsafeBufferPointer { buffer in
                    buffer.baseAddress.map(FilePath.init(platformString:)) ?? FilePath()
                })
        }
    }

    /// Removes trees on a few threads; what cannot be removed stays.
    ///
    /// A file system waits more than it works: some tell the disk of each directory that is gone, and wait for it.
    static func removeTogether(_ trees: [FilePath]) {
        let work = Trees(trees)
        let group = DispatchGroup()
        for _ in 1..<max(1, min(lanes, trees.count)) {
            // A queue of its own has a thread of its own, however few processors there are.
            DispatchQueue(label: "removal").async(group: group) { work.removeAll() }
        }
        work.removeAll()
        group.wait()
    }

    private static let lanes = 4

    /// Trees that several threads take one after the other.
    private final class Trees: Sendable {
        let trees: [FilePath]
        let next = Atomic(0)

        init(_ trees: [FilePath]) { self.trees = trees }

        func removeAll() {
            while true {
                let index = next.add(1, ordering: .relaxed).oldValue
                guard index < trees.count else { return }
                try? TreeRemoval.remove(trees[index])
            }
        }
    }
}
