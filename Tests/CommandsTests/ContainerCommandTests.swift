import Foundation
import Glibc
import SystemPackage
import TestSupport
import Testing

/// `run --image` as its users see it.
@Suite(
    .serialized, .enabled("no container engine works here", { await TestContainer.isAvailable() }),
    .timeLimit(.minutes(5)))
struct ContainerCommandTests {
    /// A project whose engine finds its settings and images.
    private func withImageProject<R>(
        _ buildspec: String, _ body: (TestProject) async throws -> R
    ) async throws -> R {
        let own = ProcessInfo.processInfo.environment
        return try await withProject(buildspec) { project in
            var project = project
            for name in ["HOME", "XDG_RUNTIME_DIR", "DOCKER_HOST"] { project.environment[name] = own[name] }
            project.environment["XDG_CONFIG_HOME"] = project.scratch.path.string
            return try await body(project)
        }
    }

    @Test func `a build runs in an image, with the image's variables below all others`() async throws {
        let text = commands(#"echo "$FROM_IMAGE $CODEBUILD_BUILD_IMAGE $(id -u)""#, "echo content > out.txt")
        try await withImageProject(text + "artifacts: {files: [out.txt]}\n") { project in
            let outcome = try await project.run("--image", TestContainer.image)
            #expect(outcome.status == 0, "\(outcome.standardError)")
            #expect(outcome.standardOutput.contains("\nan image \(TestContainer.image) 0\n"))
            #expect(outcome.standardOutput.contains("Using image \(TestContainer.image) ("))
            let changed = try await project.run("--image", TestContainer.image, "--env", "FROM_IMAGE=start")
            #expect(changed.standardOutput.contains("\nstart \(TestContainer.image) 0\n"))
        }
    }

    @Test func `artifacts are found wherever the build laid them in its image`() async throws {
        let text =
            commands("mkdir -p /opt/q /tmp/t; echo 1 > /opt/q/a; echo 2 > /root/b; echo 3 > /tmp/t/c")
            + "artifacts: {files: [/opt/q/*, /root/b, '/tmp/t/**/*']}\n"
        try await withImageProject(text) { project in
            let outcome = try await project.run("--image", TestContainer.image, "--output", "out")
            #expect(outcome.status == 0, "\(outcome)")
            let opened = try await project.buildspec(["artifact", "open", "out/app.zip.enc", "-o", "opened"])
            #expect(opened.status == 0, "\(opened)")
            #expect(try project.files(below: "app/opened") == ["opt/q/a", "root/b", "tmp/t/c"])
        }
    }

    @Test func `an image that cannot be fetched is the runner's failure`() async throws {
        try await withImageProject(commands("true")) { project in
            let outcome = try await project.run("--image", "localhost:1/none:1")
            #expect(outcome.status == 3)
            #expect(outcome.standardError.contains("hint: try: "))
            let phase = try #require(try project.record().phase("PROVISIONING"))
            #expect(phase.contexts?.first?.statusCode == "BUILD_CONTAINER_UNABLE_TO_PULL_IMAGE")
        }
    }

    @Test func `a killed runner leaves no process and no container`() async throws {
        let marker = "7\(UInt32.random(in: 100_000_000...UInt32.max)).25"
        try await withImageProject(commands("echo up; sleep \(marker)")) { project in
            _ = try await project.start(["--image", TestContainer.image]) { running in
                try await running.output.wait(for: "\nup\n")
                kill(running.processIdentifier, SIGKILL)
            }
            #expect(try await ProcessList.remaining(containing: "sleep \(marker)") == [])
            #expect(try await project.run("--image", TestContainer.image, "--timeout", "0.05").status == 124)
            #expect(ProcessList.commandLines(containing: "sleep \(marker)") == [])
            #expect(try await Self.containers(of: project) == "")
        }
    }

    @Test(arguments: [(SIGINT, 130), (SIGTERM, 143)] as [(Int32, Int32)])
    func `a signal stops the build at once, and nothing of it is left`(
        signal: Int32, status: Int32
    ) async throws {
        let marker = "7\(UInt32.random(in: 100_000_000...UInt32.max)).5"
        let stubborn =
            "trap '' TERM INT; (setsid nohup sleep \(marker) >/dev/null 2>&1 &); echo up; sleep \(marker)"
        try await withImageProject(commands(stubborn)) { project in
            let outcome = try await project.start(["--image", TestContainer.image]) { running in
                try await running.output.wait(for: "\nup\n")
                running.send(signal)
            }
            #expect(outcome.status == status)
            #expect(ProcessList.commandLines(containing: "sleep \(marker)") == [])
            #expect(try project.record().buildStatus == "STOPPED")
            #expect(try await Self.containers(of: project) == "")
        }
    }

    @Test func `without privileged mode there is no Docker, and the mend is told once`() async throws {
        let text = commands(
            "docker ps || docker ps || echo 'Cannot connect to the Docker daemon'",
            "test ! -e /var/run/docker.sock")
        try await withImageProject(text) { project in
            let outcome = try await project.run("--image", TestContainer.image)
            #expect(outcome.status == 0)
            #expect(outcome.standardOutput.contains("Cannot connect to the Docker daemon"))
            #expect(outcome.standardError.components(separatedBy: "--privileged").count == 2)
        }
    }

    @Test func `in privileged mode docker works, and sees the workspace`() async throws {
        let places = ["/usr/bin/docker", "/usr/local/bin/docker"]
        let client = places.first { access($0, X_OK) == 0 } ?? Self.skipped()
        if client.isEmpty { return }
        let text = commands(
            "tar -C / -c bin usr lib lib64 | docker import - inner:1", "echo payload > file",
            "docker run --rm --network none -v $PWD:/x inner:1 cat /x/file",
            "docker run -d --network none --name left inner:1 sleep 600")
        try await withImageProject(text) { project in
            let outcome = try await project.run(
                "--image", TestContainer.image, "--privileged", "--engine", "podman",
                "--engine-option=--volume=\(client):/usr/bin/docker:ro")
            #expect(outcome.status == 0, "\(outcome.standardOutput)\(outcome.standardError)")
            #expect(outcome.standardOutput.contains("\npayload\n"))
            #expect(try project.files(below: "app/.buildspec/builds").allSatisfy { !$0.contains("work") })
        }
    }

    /// Said for `.ci/test` to show; an empty name.
    private static func skipped() -> String {
        FileHandle.standardError.write(Data("Docker in builds is not tested: no docker client here\n".utf8))
        return ""
    }

    private static func containers(of project: TestProject) async throws -> String {
        var invocation = Program.Invocation(["ps", "--all", "--format", "{{.Labels}}"])
        invocation.environment = project.environment
        let all = try await TestContainer.engine().run(invocation).standardOutput
        return all.split(separator: "\n").filter { $0.contains(project.scratch.path.string) }.joined(
            separator: "\n")
    }
}

/// Options that contradict each other, and what is planned: no engine is needed.
@Suite struct ContainerOptionTests {
    @Test(arguments: [
        ["--sandbox", "container"], ["--privileged"], ["--engine", "podman"], ["--engine-option=--x"],
        ["--docker-socket", "/x"], ["--compute-type", "BUILD_GENERAL1_SMALL"], ["--image-prefix", "x"],
        ["--image", "a", "--sandbox", "host"], ["--image", "a", "--sandbox", "bubblewrap"],
        ["--image", "a b"],
        ["--image", "a", "--compute-type", "HUGE"], ["--image", "a", "--engine", "rkt"],
    ])
    func `options that make no sense are refused`(options: [String]) async throws {
        try await withProject(commands("true")) { project in
            let outcome = try await project.buildspec(["run"] + options)
            #expect(outcome.status == 2, "\(outcome.standardError)")
            #expect(outcome.standardOutput.isEmpty)
        }
    }

    @Test func `the plan says where an image comes from`() async throws {
        try await withProject(commands("true")) { project in
            let plan = try await project.buildspec([
                "plan", "--image", "aws/codebuild/standard:7.0", "--image-prefix", "mirror.example/cb",
                "--compute-type", "build_general1_small",
            ])
            #expect(plan.status == 0)
            #expect(plan.standardOutput.contains("sandbox: container  (--image)\n"))
            #expect(plan.standardOutput.contains("mirror.example/cb/standard:7.0"))
            #expect(plan.standardOutput.contains("memory: 3 GiB, 2 processors  (--compute-type)\n"))
        }
    }
}
