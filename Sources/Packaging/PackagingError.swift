package import Archiving

/// Why a package or a definition file could not be made or read.
package struct PackagingError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The closed set of failures.
    package enum Code: String, Sendable, Hashable, CaseIterable {
        /// The image's URI does not follow the grammar of image references.
        case invalidImageURI
        /// The container's name does not follow the rule of task definitions.
        case invalidContainerName
        /// Two containers have the same name.
        case duplicateContainer
        /// The file lists no container.
        case noContainers
        /// The file has more than 100 KB.
        case fileTooLarge
        /// The file is not JSON of the expected shape.
        case malformedFile
        /// A Lambda package cannot hold this file or link.
        case unsuitableFile
        /// The file of rules of what to leave out cannot be read as such.
        case unsuitableRules
        /// A file looks like a secret.
        case secretFile
        /// The handler is not in the package, or cannot be one of the runtime.
        case badHandler
        /// The package is larger than Lambda allows.
        case packageTooLarge
        /// Native code is for another architecture than the function.
        case wrongArchitecture
        /// The directory holds nothing that is to be packaged.
        case noFiles
        /// Files could not be selected or packed; see ``archiving``.
        case archivingFailed
        /// The target cannot be written.
        case unwritable
    }

    /// Which failure.
    package let code: Code
    /// The value, file or name it is about; printable.
    package let subject: String
    /// Why, in one clause.
    package let reason: String
    /// What the archive's writer said, with ``Code/archivingFailed``.
    package let archiving: ArchivingError?

    init(_ code: Code, _ subject: String, _ reason: String, archiving: ArchivingError? = nil) {
        self.code = code
        self.subject = subject
        self.reason = reason
        self.archiving = archiving
    }

    init(_ error: ArchivingError, packing subject: String) {
        // Paths are told from the directory that is packaged, and it by its own name.
        let inner = error.subject == "/" ? subject : String(error.subject.drop { $0 == "/" })
        let text =
            error.subject.hasPrefix("/")
            ? error.description.replacing(error.subject, with: inner) : error.description
        self.init(.archivingFailed, subject, text, archiving: error)
    }

    /// What happened, to what, and why.
    package var description: String {
        switch code {
        case .invalidImageURI: "\"\(subject)\" is not an image URI: \(reason)"
        case .invalidContainerName: "\"\(subject)\" is not a container name: \(reason)"
        case .duplicateContainer: "two containers are named \(subject): \(reason)"
        case .noContainers, .malformedFile: "\(subject) cannot be used: \(reason)"
        case .fileTooLarge: "\(subject) is too large: \(reason)"
        case .unsuitableFile: "\(subject) cannot be in a Lambda package: \(reason)"
        case .unsuitableRules: "cannot use the rules in \(subject): \(reason)"
        case .secretFile: "will not package \(subject): \(reason)"
        case .badHandler: "the handler \(subject) will not work: \(reason)"
        case .packageTooLarge: "\(subject) is too large for Lambda: \(reason)"
        case .wrongArchitecture: "\(subject) holds native code that will not run: \(reason)"
        case .noFiles, .archivingFailed: "cannot package \(subject): \(reason)"
        case .unwritable: "cannot write \(subject): \(reason)"
        }
    }

    /// What to try, where something can be said.
    package var hint: String? {
        switch code {
        case .invalidImageURI: "write [registry[:port]/]repository[:tag][@sha256:digest]"
        case .invalidContainerName:
            "use 1 to 255 letters, digits, hyphens and underscores, as in the task definition"
        case .unsuitableFile:
            "exclude it (--exclude, \(LambdaPackage.ignoreFile)), or put a file with a plain name there; of a link, what it points to"
        case .archivingFailed:
            switch archiving?.code {
            case .unreadable: "make it readable, or exclude it (--exclude, \(LambdaPackage.ignoreFile))"
            case .changedWhileReading: "package again when nothing writes there any more"
            case .limitExceeded: "exclude what is not needed (--exclude, \(LambdaPackage.ignoreFile))"
            default: archiving?.hint
            }
        case .secretFile:
            "take it out, list it in \(LambdaPackage.ignoreFile), or allow it with --allow-secret PATTERN"
        case .unsuitableRules: "put a plain file of that name there, of at most 1 MiB, or remove it"
        case .badHandler: "check --handler, --runtime, and what is included"
        case .packageTooLarge:
            "exclude what is not needed (--exclude, \(LambdaPackage.ignoreFile)), or move it to a layer or an image"
        case .wrongArchitecture:
            "install the packages for the function's platform, for instance pip install --platform "
                + "manylinux2014_x86_64 (or manylinux2014_aarch64) --only-binary=:all:"
        case .noFiles: "check the directory and the include and exclude patterns"
        case .duplicateContainer, .noContainers, .fileTooLarge, .malformedFile, .unwritable: nil
        }
    }
}
