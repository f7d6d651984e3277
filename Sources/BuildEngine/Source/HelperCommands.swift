import Glibc
import Sandbox
import SystemPackage

/// The commands that CodeBuild offers to builds in `/codebuild/user/bin` (behaviour reference, section 2.8).
///
/// They are POSIX shell scripts, so that they run in any image.
enum HelperCommands {
    private static let texts = [
        ("codebuild-breakpoint", BreakpointScripts.breakpoint),
        ("codebuild-resume", BreakpointScripts.resume),
        ("codebuild-glob-search", HelperScripts.globSearch),
        ("codebuild-hash-files", HelperScripts.hashFiles),
        ("codebuild-tests-run", HelperScripts.testsRun),
    ]

    /// All of them in one, which its name tells apart: to make and to remove one file is quicker than five.
    private static let program =
        "#!/bin/sh\ncase ${0##*/} in\n"
        + texts.map { name, text in "\(name))\n\(text)\n;;\n" }.joined() + "esac\n"

    /// Puts them into a root that no build has touched yet.
    /// - Throws: ``RunnerFailure`` when a file cannot be written.
    static func install(in root: BuildRoot) throws(RunnerFailure) {
        let directory = root.host("codebuild/user/bin")
        let paths = texts.map { directory.appending($0.0) }
        do {
            let file = try FileDescriptor.open(
                paths[0], .writeOnly, options: [.create, .exclusiveCreate, .noFollow, .closeOnExec],
                permissions: .ownerReadWrite)
            defer { try? file.close() }
            try file.writeAll(program.utf8)
            fchmod(file.rawValue, 0o755)
            for path in paths.dropFirst() where link(paths[0].string, path.string) != 0 {
                // Not every file system has links.
                guard symlink(paths[0].lastComponent?.string ?? "", path.string) == 0 else {
                    throw Errno(rawValue: errno)
                }
            }
        } catch let error as Errno {
            throw RunnerFailure("write \(paths[0])", error, at: directory)
        } catch {
            throw RunnerFailure("write \(paths[0])", "\(error)")
        }
    }
}
