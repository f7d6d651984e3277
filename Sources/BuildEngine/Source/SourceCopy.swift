import Archiving
import Glibc
import SystemPackage

/// Brings a source into a workspace, so that a build never touches the original.
enum SourceCopy {
    /// Copies a directory, or unpacks an archive.
    /// - Returns: Remarks on what could not be taken along, such as sockets.
    /// - Throws: ``SourceFailure`` when something cannot be read or written, or an archive is damaged or unsafe.
    static func place(_ source: SourcePlan, at target: FilePath) throws(SourceFailure) -> [String] {
        do throws(RunnerFailure) {
            try BuildFiles.makeDirectories(target)
        } catch {
            throw SourceFailure(failure: error, isRunners: true)
        }
        switch source.kind {
        case .directory:
            do throws(RunnerFailure) {
                var copy = TreeCopy(excluding: BuildDirectories.name.string)
                try copy.run(from: source.path, to: target)
                return copy.remarks + linkedWorkTree(source.path)
            } catch {
                // It has a hint only when the disk is full, which is the workspace's.
                let hint = error.hint.map { _ in "free space on the file system of \(target)" }
                let failure = RunnerFailure(error.action, error.reason, hint: hint)
                throw SourceFailure(failure: failure, isRunners: true)
            }
        case .none, .remote: return []
        case .archive:
            // What was fetched lies in a file whose name tells nobody anything.
            let name = source.repositoryURL ?? source.path.description
            do throws(ArchivingError) {
                let summary = try ArchiveUnpacker().unpack(source.path, as: name, into: target)
                return summary.remarks.map { "\(name): \($0)" }
            } catch {
                let failure = RunnerFailure(
                    "unpack \(name)", error.description,
                    hint: error.code == .noSpace
                        ? "free space on the file system of \(target)" : error.hint)
                throw SourceFailure(
                    failure: failure, isRunners: error.code == .noSpace || error.code == .unwritable)
            }
        }
    }

    /// A `.git` that is a file names a repository elsewhere on this machine, which a build cannot see.
    private static func linkedWorkTree(_ source: FilePath) -> [String] {
        var status = stat()
        guard lstat(source.appending(".git").string, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            return []
        }
        return [
            "git commands of the build will not find the repository: the source is a linked work tree or a submodule"
        ]
    }
}
