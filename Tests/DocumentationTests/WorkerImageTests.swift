import FoundationEssentials
import Glibc
import SystemPackage
import TestSupport
import Testing

/// `container/Containerfile`: what it installs suffices for builds of a user without rights.
@Suite struct WorkerImageTests {
    @Test(
        .enabled("no podman, or no Debian", { await WorkerImage.isAvailable() }),
        arguments: [
            ("host", []),
            ("bubblewrap", ["--security-opt", "seccomp=unconfined", "--security-opt", "unmask=ALL"]),
        ])
    func `the packages of the image suffice for a build, from the source to the encrypted artifact`(
        sandbox: String, options: [String]
    ) async throws {
        try await withScratchDirectory { scratch in
            try scratch.write(
                """
                version: 0.2
                phases:
                  build:
                    commands:
                      - grep '^Uid:' /proc/self/status
                      - git --version
                      - echo content > file
                artifacts: {files: [file]}

                """, to: "project/buildspec.yml")
            // Beside its source a build keeps its records; the image's user is somebody else.
            chmod(scratch.path.appending("project").string, 0o777)
            let outcome = try await WorkerImage.run(
                ["run", "/project", "--sandbox", sandbox, "--output", "/var/lib/buildspec-worker/out"],
                options: options, project: scratch.path.appending("project"))
            #expect(outcome.status == 0, "\(outcome)")
            #expect(outcome.standardOutput.contains("git version "))
            #expect(outcome.standardError.contains("out/project.zip.enc"), "\(outcome)")
        }
    }

    @Test func `what the worker's image is made of has no toolchain, and another user than root`() throws {
        let file = FilePath(#filePath).removingLastComponent().removingLastComponent().removingLastComponent()
            .appending("container/Containerfile")
        let text = try String(contentsOf: URL(filePath: file.string), encoding: .utf8)
        let stages = text.split(separator: "\nFROM ").dropFirst().map(String.init)
        #expect(stages.count == 3)
        #expect(stages[0].hasPrefix("${SWIFT_IMAGE} AS build\n"))
        #expect(stages[1].hasPrefix("${BASE_IMAGE} AS tool\n") && !stages[1].contains("-dev"))
        #expect(stages[2].hasPrefix("tool AS worker\n") && stages[2].contains("\nUSER 1000\n"))
    }
}
