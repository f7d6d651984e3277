import Glibc
package import SystemPackage

/// A shell that can be asked about commands.
package enum Shell: String, Sendable, CaseIterable {
    /// The system's `sh`.
    case sh
    case bash

    /// A program that answers to the name of a shell.
    package enum Flavour: String, Sendable {
        case dash, bash, busybox, ksh, zsh
    }

    /// Where the shell's program is: in the usual directories, or else in those of `PATH`.
    ///
    /// - Parameter searchPath: the directories of `PATH`, separated by colons.
    /// - Returns: nil when there is none.
    package func executable(searchPath: String = "") -> FilePath? {
        executablePath(rawValue, searchPath)
    }

    /// Which shell a program really is, told by the name its path leads to; nil when that says nothing.
    package static func flavour(of executable: FilePath) -> Flavour? {
        let resolved: String? = executable.withPlatformString { path in
            guard let real = realpath(path, nil) else { return nil }
            defer { free(real) }
            return String(cString: real)
        }
        guard let name = resolved.flatMap({ FilePath($0).lastComponent?.string }) else { return nil }
        return switch name {
        case "dash", "ash": .dash
        case "bash": .bash
        case "busybox": .busybox
        case "ksh", "ksh93", "mksh": .ksh
        case "zsh": .zsh
        default: nil
        }
    }
}

/// Finds a program in the usual directories, or else in those of a `PATH`; relative ones are left out.
func executablePath(_ name: String, _ searchPath: String) -> FilePath? {
    let usual = ["/bin", "/usr/bin", "/usr/local/bin"]
    let directories = usual + searchPath.split(separator: ":").map(String.init).filter { $0.hasPrefix("/") }
    for directory in directories {
        let path = FilePath(directory).appending(name)
        var status = stat()
        let isFile = path.withPlatformString { stat($0, &status) == 0 && access($0, X_OK) == 0 }
        if isFile && status.st_mode & S_IFMT == S_IFREG { return path }
    }
    return nil
}
