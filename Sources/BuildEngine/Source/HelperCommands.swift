import Glibc
import Sandbox
import SystemPackage

/// The commands that CodeBuild offers to builds in `/codebuild/user/bin` (behaviour reference, section 2.8).
///
/// They are POSIX shell scripts, so that they run in any image.
enum HelperCommands {
    private static let texts = [
        "codebuild-breakpoint": BreakpointScripts.breakpoint,
        "codebuild-resume": BreakpointScripts.resume,
        "codebuild-glob-search": HelperScripts.globSearch,
        "codebuild-hash-files": HelperScripts.hashFiles,
        "codebuild-tests-run": HelperScripts.testsRun,
    ]

    /// Puts them into a root that no build has touched yet.
    /// - Throws: ``RunnerFailure`` when a file cannot be written.
    static func install(in root: BuildRoot) throws(RunnerFailure) {
        for (name, text) in texts {
            let path = root.host("codebuild/user/bin").appending(name)
            do {
                let file = try FileDescriptor.open(
                    path, .writeOnly, options: [.create, .exclusiveCreate, .noFollow, .closeOnExec],
                    permissions: .ownerReadWrite)
                defer { try? file.close() }
                try file.writeAll("#!/bin/sh\n\(text)\n".utf8)
                fchmod(file.rawValue, 0o755)
            } catch let error as Errno {
                throw RunnerFailure("write \(path)", error, at: path)
            } catch {
                throw RunnerFailure("write \(path)", "\(error)")
            }
        }
    }
}
