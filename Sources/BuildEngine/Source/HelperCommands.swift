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
            let file = root.host("codebuild/user/bin").appending(name)
            try AtomicFile.write(Array("#!/bin/sh\n\(text)\n".utf8), to: file)
            chmod(file.string, 0o755)
        }
    }
}
