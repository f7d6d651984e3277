package import SystemPackage

/// Why files could not be selected, packed or unpacked.
///
/// A pattern that matches nothing, a broken link or a skipped FIFO is not an error but a ``SelectionNote``.
package struct ArchivingError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The closed set of failures.
    package enum Code: String, Sendable, Hashable, CaseIterable {
        /// No directory is named by, or matches, `base-directory`.
        case noMatchingBaseDirectory
        /// No file at all was selected.
        case noMatchingFiles
        /// The root or the source directory cannot be opened, or does not lie where it is said to.
        case invalidDirectory
        /// A file or directory exists but cannot be read.
        case unreadable
        /// A file became shorter, or stopped being a file, between its selection and the end of its packing.
        case changedWhileReading
        /// More files, a longer name or more bytes than the limits allow.
        case limitExceeded
        /// Two entries of one archive would have the same name.
        case duplicateName
        /// The target cannot be written.
        case unwritable
        /// The target's file system is full.
        case noSpace
        /// The file is no archive of a kind we read.
        case unknownFormat
        /// The library that reads archives is not installed.
        case missingLibrary
        /// The archive is damaged or cut short.
        case damagedArchive
        /// The archive is whole, but an entry is encrypted, or compressed by a method that is not read.
        case unsupportedEntry
        /// The archive wants something unsafe, and was refused as a whole.
        case unsafeArchive
        /// A target that has to be new or empty holds something.
        case targetNotEmpty
        /// A special file, or a link that cannot be followed, where everything is to be packed.
        case unsuitableEntry
        /// The task was cancelled.
        case cancelled
    }

    /// Which failure.
    package let code: Code
    /// The path, pattern or archive entry it is about; printable, so control characters are escaped.
    package let subject: String
    /// Why, in one clause.
    package let reason: String
    /// The system's own error, when it was a system call that failed.
    package let errno: Errno?

    /// Whether it is about an entry of an archive, which does not tell which archive that is.
    package var isAboutEntry: Bool { [.damagedArchive, .unsupportedEntry, .unsafeArchive].contains(code) }

    init(_ code: Code, _ subject: String, _ reason: String, errno: Errno? = nil) {
        self.code = code
        self.subject = subject
        self.reason = reason
        self.errno = errno
    }

    /// What happened, to which file, and why.
    package var description: String {
        switch code {
        case .noMatchingBaseDirectory: "no matching base directory path found for \(subject)"
        case .noMatchingFiles: "no matching artifact paths found"
        case .invalidDirectory: "cannot use the directory \(subject): \(reason)"
        case .unreadable: "cannot read \(subject): \(reason)"
        case .changedWhileReading: "\(subject) changed while it was being packed: \(reason)"
        case .limitExceeded: "\(subject) is beyond a limit: \(reason)"
        case .duplicateName: "two entries are named \(subject): \(reason)"
        case .unwritable: "cannot write \(subject): \(reason)"
        case .noSpace: "no space left while writing \(subject): \(reason)"
        case .unknownFormat: "\(subject) is not an archive of a known kind: \(reason)"
        case .missingLibrary: "cannot read the archive \(subject): \(reason)"
        case .damagedArchive: "the archive is damaged at \(subject): \(reason)"
        case .unsupportedEntry: "the archive has an entry that cannot be read, \(subject): \(reason)"
        case .unsafeArchive: "the archive is refused because of its entry \(subject): \(reason)"
        case .targetNotEmpty: "will not unpack into \(subject): \(reason)"
        case .unsuitableEntry: "cannot pack \(subject): \(reason)"
        case .cancelled: "stopped at \(subject): \(reason)"
        }
    }

    /// What to try, where something can be said.
    package var hint: String? {
        switch code {
        case .noMatchingBaseDirectory:
            "check that the build creates this directory, relative to the source directory"
        case .noMatchingFiles: "check artifacts/files and base-directory against what the build leaves behind"
        case .unreadable: "make it readable in the build, or exclude it with exclude-paths"
        case .changedWhileReading: "end background processes before the build ends"
        case .limitExceeded:
            "exclude what is not needed; links to directories multiply files unless enable-symlinks is yes"
        case .noSpace: "free space on the file system, or choose another directory"
        case .unknownFormat: "zip and tar (plain, gzip, xz, bzip2, zstd) are read"
        case .missingLibrary: "install the package libarchive13"
        case .targetNotEmpty: "choose a new or an empty directory"
        case .unsuitableEntry: "remove it, or package another directory"
        case .damagedArchive: "fetch the archive again, or make it anew"
        case .unsupportedEntry: "make the archive anew, compressed by deflate and without a password"
        case .unsafeArchive: "make the archive anew without this entry"
        case .invalidDirectory, .duplicateName, .unwritable, .cancelled: nil
        }
    }
}

extension ArchivingError {
    /// A failed read-side system call on `subject`.
    static func reading(_ subject: String, _ errno: Errno) -> ArchivingError {
        let reason =
            errno == .noFunction ? "this kernel has no openat2 (Linux 5.6 is needed)" : errno.description
        return ArchivingError(.unreadable, subject, reason, errno: errno)
    }

    /// A file that could be opened but not read.
    package static func unreadable(_ subject: String, _ errno: Errno) -> ArchivingError {
        reading(subject, errno)
    }

    /// A failed write-side system call on `subject`; a full disk or quota has its own code.
    static func writing(_ subject: String, _ errno: Errno) -> ArchivingError {
        let isFull = errno == .noSpace || errno == .diskQuotaExceeded
        return ArchivingError(isFull ? .noSpace : .unwritable, subject, errno.description, errno: errno)
    }
}
