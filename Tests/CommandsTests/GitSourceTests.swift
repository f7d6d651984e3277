import FoundationEssentials
import SystemPackage
import TestSupport
import Testing

/// Sources that are git repositories: fetched by the real git from a real server.
@Suite struct GitSourceTests {
    private static let tell = commands(
        "git rev-parse HEAD", "git log --oneline | wc -l | sed 's/^ */commits=/'",
        #"echo "asked=$CODEBUILD_SOURCE_VERSION resolved=$CODEBUILD_RESOLVED_SOURCE_VERSION url=$CODEBUILD_SOURCE_REPO_URL""#,
        #"echo "dir=$CODEBUILD_SRC_DIR""#, "ls lib", "git status | head -1")

    @Test(arguments: ["", "v1", "feature/x", "pr/7", "<short>"])
    func `a version of a repository is checked out with a detached HEAD`(version: String) async throws {
        try await withProject { project in
            let commits = try await makeRepositories(project, buildspec: Self.tell)
            let isTagged = ["v1", "<tagged>", "<short>"].contains(version)
            let asked =
                ["<tagged>": commits.tagged, "<short>": String(commits.tagged.prefix(10))][version] ?? version
            let outcome = try await withGitServer(root: project.scratch.path.appending("git").string) {
                port in
                try await project.buildspec(
                    ["run", "http://127.0.0.1:\(port)/app.git"]
                        + (asked.isEmpty ? [] : ["--source-version", asked]))
            }
            #expect(outcome.status == 0, "\(outcome)")
            let commit = isTagged ? commits.tagged : commits.main
            #expect(outcome.standardOutput.contains("\n\(commit)\n"))
            #expect(outcome.standardOutput.contains("commits=\(isTagged ? 1 : 2)"))
            #expect(
                outcome.standardOutput.contains("asked=\(asked) resolved=\(commit) url=http://127.0.0.1:"))
            #expect(outcome.standardOutput.contains("/src/127.0.0.1/app\n"))
            #expect(outcome.standardOutput.contains("HEAD detached at"))
            #expect(!outcome.standardOutput.contains("lib.txt"))
            let record = try project.record()
            #expect(record.resolvedSourceVersion == commit)
            #expect(record.projectName == "app")
        }
    }

    @Test func `depth and submodules are as asked for`() async throws {
        try await withProject { project in
            _ = try await makeRepositories(project, buildspec: Self.tell)
            let outcome = try await withGitServer(root: project.scratch.path.appending("git").string) {
                port in
                try await project.run(
                    "http://127.0.0.1:\(port)/app.git", "--git-clone-depth", "1", "--git-submodules")
            }
            #expect(outcome.status == 0, "\(outcome)")
            #expect(outcome.standardOutput.contains("commits=1"))
            #expect(outcome.standardOutput.contains("lib.txt"))
        }
    }

    @Test func `a password reaches the server and nothing else`() async throws {
        let show = commands(
            "git config --list | sort", "env | sort", "cat .git/config", "ps -ef 2>/dev/null || true")
        try await withProject { project in
            _ = try await makeRepositories(project, buildspec: show)
            let root = project.scratch.path.appending("git").string
            try await withGitServer(root: root) { port in
                let address = "robot:s3cret%2Ftoken@127.0.0.1:\(port)/private/app.git"
                let outcome = try await project.run("http://\(address)", "--sandbox", "bubblewrap")
                #expect(outcome.status == 0, "\(outcome)")
                #expect(!outcome.standardOutput.contains("s3cret"))
                #expect(!outcome.standardError.contains("s3cret"))
                let record = try project.files(below: "app/.buildspec").filter { $0.hasSuffix("build.json") }
                for file in record {
                    let text = String(
                        decoding: try project.scratch.read("app/.buildspec/\(file)"), as: UTF8.self)
                    #expect(!text.contains("s3cret"))
                }
                let refused = try await project.run("http://127.0.0.1:\(port)/private/app.git")
                #expect(refused.status == 3)
                #expect(
                    refused.standardError.contains(
                        "buildspec: error: cannot fetch http://127.0.0.1:\(port)/private/app.git: "))
                #expect(refused.standardError.contains("hint: "))
            }
        }
    }

    @Test func `what a repository brings along does not act on the runner`() async throws {
        let spec = commands("echo built")
        try await withProject { project in
            _ = try await makeRepositories(project, buildspec: spec)
            let marker = project.scratch.path.appending("marker")
            // Hooks of the user's own templates, and a submodule that names a directory of this machine.
            try project.scratch.write("#!/bin/sh\ntouch \(marker)\n", to: "template/hooks/post-checkout")
            try await project.tool(
                "/bin/chmod", "755", "\(project.scratch.path)/template/hooks/post-checkout")
            try project.scratch.write(
                "[init]\n\ttemplateDir = \(project.scratch.path)/template\n[core]\n\thooksPath = \(project.scratch.path)/template/hooks\n",
                to: "home/.gitconfig")
            let url = "file://\(project.scratch.path)/git/app.git"
            let plain = try await project.run(url)
            #expect(plain.status == 0, "\(plain)")
            #expect(!FileManager.default.fileExists(atPath: marker.string))
            let submodule = try await project.run(url, "--git-submodules")
            #expect(submodule.status == 3)
            #expect(submodule.standardError.contains("transport 'file' not allowed"))
            #expect(submodule.standardError.contains("GIT_ALLOW_PROTOCOL"))
            let other = try await project.run("ext::sh -c touch% \(marker)")
            #expect(other.status == 2)
            let unknown = try await project.run("ftp://127.0.0.1/app.git")
            #expect(unknown.status == 2)
            #expect(unknown.standardError.contains("nothing fetches ftp:// addresses"))
            #expect(!FileManager.default.fileExists(atPath: marker.string))
        }
    }

    @Test(arguments: [
        ("ssh://git@127.0.0.1:1/x", ["ssh: connect to host 127.0.0.1", "cannot run ssh"]),
        (
            "git://127.0.0.1:1/x",
            ["unable to connect to 127.0.0.1: 127.0.0.1[0: 127.0.0.1]: errno=Connection refused"]
        ),
        ("https://127.0.0.1:1/x/y.git", ["unable to access 'https://127.0.0.1:1/x/y.git/'"]),
    ])
    func `a server that cannot be reached is told in the words of who tried`(
        url: String, words: [String]
    ) async throws {
        try await withProject { project in
            let outcome = try await project.run(url)
            #expect(outcome.status == 3)
            #expect(words.contains { outcome.standardError.contains($0) }, "\(outcome.standardError)")
        }
    }

    @Test(arguments: ["none-such", "--upload-pack=x", "a..b", "pr/99"])
    func `a version that is not there fails the build`(version: String) async throws {
        try await withProject { project in
            _ = try await makeRepositories(project, buildspec: Self.tell)
            let outcome = try await project.run(
                "file://\(project.scratch.path)/git/app.git", "--source-version=\(version)")
            #expect(outcome.status == 1)
            #expect(
                outcome.standardError.contains(
                    "reference not found for primary source and source version \(version)"))
        }
    }

    @Test func `a version of a directory is built from its repository`() async throws {
        try await withProject { project in
            let commits = try await makeRepositories(project, buildspec: commands("git rev-parse HEAD"))
            let outcome = try await project.run(
                "\(project.scratch.path)/git/app", "--source-version", "v1", "--secondary-source",
                "lib=file://\(project.scratch.path)/git/lib.git", "--secondary-source-version", "lib=main")
            #expect(outcome.status == 0, "\(outcome)")
            #expect(outcome.standardOutput.contains("\n\(commits.tagged)\n"))
        }
    }

    @Test func `secondary sources have variables of their own`() async throws {
        let spec = commands(
            "cat $CODEBUILD_SRC_DIR_lib/lib.txt",
            #"echo "lib is $CODEBUILD_SOURCE_VERSION_lib of $CODEBUILD_SOURCE_REPO_URL_lib""#)
        try await withProject(spec) { project in
            _ = try await makeRepositories(project, buildspec: spec)
            let url = "file://\(project.scratch.path)/git/lib.git"
            let outcome = try await project.run(
                "--secondary-source", "lib=\(url)", "--secondary-source-version", "lib=main")
            #expect(outcome.status == 0, "\(outcome)")
            #expect(outcome.standardOutput.contains("\nlibrary\n"))
            #expect(outcome.standardOutput.contains("lib is main of \(url)"))
        }
    }
}
