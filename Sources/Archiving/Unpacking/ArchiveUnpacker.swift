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
    /// - Throws: `unreadable`, `unknownFormat`, `damagedArchive`, `unsafeArchive`, `targetNotEmpty`,
    ///   `unwritable`, `noSpace`, `cancelled`.
    package func unpack(
        _ archive: FilePath, as name: String? = nil, into target: FilePath
    ) throws(ArchivingError) -> UnpackSummary {
        let opened: FileDescriptor
        do {
            opened = try FileDescriptor.open(archive, .readOnly, options: [.closeOnExec])
        } catch {
            throw .reading(archive.description, (error as? Errno) ?? .ioError)
        }
        defer { try? opened.close() }
        return try unpack(opened, name: name ?? archive.description, into: target)
    }

    /// Unpacks from a descriptor's position on; zip needs one that can seek.
    ///
    /// The descriptor stays open.
    ///
    /// - Throws: as ``unpack(_:as:into:)``.
    package func unpack(
        _ archive: FileDescriptor, name: String, into target: FilePath
    ) throws(ArchivingError) -> UnpackSummary {
        let stream = try ArchiveStream(archive, name: name, limits: limits)
        let staging = try StagingDirectory(for: target)
        var status = stat()
        let archiveSize =
            fstat(archive.rawValue, &status) == 0 && status.st_mode & S_IFMT == S_IFREG ? status.st_size : nil
        do throws(ArchivingError) {
            var writer = UnpackWriter(
                staging: staging, limits: limits, archiveSize: archiveSize.map(Int64.init))
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
