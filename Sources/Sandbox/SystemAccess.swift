package import SystemPackage

/// What a build in bubblewrap may do with the system directories.
package enum SystemAccess: Sendable, Hashable {
    /// Look at them.
    case readOnly
    /// Change them; nothing reaches the host.
    ///
    /// - `in`: a directory for what the build changes, beside the build's root and invisible to the build. Made here,
    ///   removed by whoever named it (see ``LentFiles/remove(_:)``).
    /// - `orReadOnly`: whether the sandbox comes up all the same, read-only, where the machine does not allow it.
    case overlay(in: FilePath, orReadOnly: Bool)
}

/// How the writable system is made.
package enum OverlayWay: String, Sendable, Hashable, CaseIterable {
    /// The kernel's overlayfs, mounted in the sandbox's own user namespace; what changes is kept on disk.
    case kernel
    /// The same, with what changes in memory: where the disk's file system cannot be an upper layer.
    case kernelInMemory
    /// `fuse-overlayfs`, for users whom the kernel gives no power over root's files.
    case fuse
}

/// Why the system could not be made writable.
package struct OverlayRefusal: Error, Sendable, Hashable {
    /// The facts, in one line.
    package var reason: String
    /// What to do about it.
    package var mend: String
}
