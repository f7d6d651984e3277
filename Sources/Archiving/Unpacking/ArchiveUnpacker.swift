import Glibc
package import SystemPackage

/// Unpacks archives from anywhere: all of an archive or nothing, and nothing outside the target.
///
/// An archive is refused as a whole for absolute names, `..`, links that leave it, names below links, devices
/// and FIFOs, the same name twice, and more than the limits. Set-user-id, set-group-id and sticky bits are
/// dropped; other permissions and modification times are kept; owners are not.
package struct ArchiveUnpacker: Sendable {
    /// When an archive is refused.
    package let limits: UnpackLimits

    /// Makes an unpacker.
    package init(limits: UnpackLimits = UnpackLimits()) {
        self.limits = limits
    }

    /// Unpacks a file.
    ///
    /// - Parameters:
    ///   - archive: a zip or tar file.
    ///   - name: what messages call it, where the path would tell nobody anything.
    ///   - target: a directory that does not exist yet, or is empty; its parent exists. It appears complete
    ///     or not at all.
    /// - Returns: what was unpacked.
    /// - Throws: `unreadable`, `unknownFormat`, `damagedArchive`, `unsupportedEntry`, `unsafeArchive`,
    ///   `targetNotEmpty`, `unwritable`, `noSpace`, `cancelled`.
    package func unpack(
        _ archive: FilePath, as name: String? = nil, into target: FilePath
    ) throws(ArchivingError) -> UnpackSummary {
        let name = name ?? archive.description
        let opened: FileDescriptor
        do {
            // A FIFO that nobody writes to would be waited for.
            opened = try FileDescriptor.open(archive, .readOnly, options: [.closeOnExec, .nonBlocking])
        } catch {
            throw .reading(archive.description, (error as? Errno) ?? .ioError)
        }
        defer { try? opened.close() }
        var status = stat()
        guard fstat(opened.rawValue, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            throw ArchivingError(.unknownFormat, name, "it is no regular file")
        }
        let budget = UnpackBudget(limits: limits, archiveSize: Int64(status.st_size))
        return try unpack(try ArchiveStream(opened, name: name, budget: budget), name, budget, into: target)
    }

    private func unpack(
        _ stream: ArchiveStream, _ name: String, _ budget: UnpackBudget, into target: FilePath
    ) throws(ArchivingError) -> UnpackSummary {
        let staging = try StagingDirectory(for: target)
        do throws(ArchivingError) {
            var writer = UnpackWriter(staging: staging, budget: budget)
            while let entry = try stream.next() {
                if Task.isCancelled { throw ArchivingError(.cancelled, name, "the task was cancelled") }
                try writer.write(entry, from: stream)
            }
            try writer.finish()
            try staging.commit()
            return writer.summary
        } catch {
            staging.discard()
            throw error
        }
    }
}
