import Foundation
import Glibc
import Sandbox
import SystemPackage
import TestSupport
import Testing

@Suite(
    .serialized, .enabled("no container engine works here", { await TestContainer.isAvailable() }),
    .timeLimit(.minutes(5)))
struct ContainerTests {
    private static let place = SandboxPlace(kind: .container, shell: "sh")

    private static func prepared(
        _ change: (inout ContainerSettings) -> Void
    ) async throws -> PreparedContainer {
        var prepared = try await TestContainer.ready()
        change(&prepared.settings)
        return prepared
    }

    /// A command and all it may say inside.
    static let facts: [(command: String, output: String)] = [
        ("id -u; id -g", "0\n0\n"),
        ("pwd; echo $X; ps -e | grep -c '[s]leep'", "/tmp\n1\n1\n"),
        ("cat; echo end", "end\n"),
        ("echo out; echo err >&2; echo out", "out\nerr\nout\n"),
        ("tail -n +3 /proc/net/dev | cut -d: -f1 | tr -d ' '", "lo\n"),
        ("env | grep -cE 'container|TERM|FROM_IMAGE'", "0\n"),
        ("touch /x /codebuild/output/x && echo own", "own\n"),
        ("grep NoNewPrivs /proc/self/status | tr -d '[:space:]'", "NoNewPrivs:1"),
        ("ls /codebuild | tr '\\n' ' '", "output readonly user "),
        ("ls -d /var/run/docker.sock 2>/dev/null; echo none", "none\n"),
        ("cat /proc/*/environ 2>/dev/null | tr '\\0' '\\n' | grep -c canary", "0\n"),
    ]

    @Test func `inside everything is as in the other sandboxes`() async throws {
        setenv("BUILDSPEC_TEST_CANARY", "canary-value", 1)
        try await withRunningSandbox(Self.place, container: TestContainer.ready()) { sandbox in
            try await sandbox.run("export X=1; cd /tmp; sleep 100 &")
            let codes = try await sandbox.run("exit 3", "kill -KILL $$", "kill -TERM $$", "/no/such/program")
            #expect(codes == [3, 137, 143, 127])
            for (command, expected) in Self.facts {
                let output = try await sandbox.outputOf(command)
                #expect(output == expected, "\(command)")
            }
        }
    }

    @Test func `a process that takes more memory than there is ends with 137`() async throws {
        let container = try await Self.prepared { $0.options = ["--memory=64m", "--memory-swap=64m"] }
        try #require(!container.engineOptions.isWithoutCgroups, "not tested: no cgroups here")
        try await withRunningSandbox(Self.place, container: container) { sandbox in
            let codes = try await sandbox.run("x=12345678; while :; do x=$x$x; done", "echo alive")
            #expect(codes == [137, 0])
        }
    }

    @Test func `a compute type limits the memory`() async throws {
        let container = try await Self.prepared { $0.size = .named("BUILD_GENERAL1_SMALL") }
        try #require(!container.engineOptions.isWithoutCgroups, "not tested: no cgroups here")
        try await withRunningSandbox(Self.place, container: container) { sandbox in
            let files = "/sys/fs/cgroup/memory.max /sys/fs/cgroup/memory/memory.limit_in_bytes"
            let output = try await sandbox.outputOf("cat \(files) 2>/dev/null")
            #expect(output == "\(3 << 30)\n")
        }
    }

    @Test func `the image's own variables are known, and its ENTRYPOINT and USER play no part`() async throws
    {
        let image = try await TestContainer.ready().image
        #expect(image.environment.contains { $0.name == "FROM_IMAGE" && $0.value == "an image" })
        #expect(!image.id.isEmpty)
    }

    @Test func `a stopped build leaves no container`() async throws {
        let marker = ProcessSearch.makeMarker()
        let container = try await Self.prepared { $0.owner = "tests:\(marker)" }
        let task = Task {
            try await withRunningSandbox(Self.place, container: container) { sandbox in
                try await sandbox.run("trap '' TERM; (setsid sleep \(marker) &) ; sleep \(marker)")
            }
        }
        for _ in 0..<500 where ProcessSearch.count(marker) < 2 {
            try await Task.sleep(for: .milliseconds(20))
        }
        #expect(ProcessSearch.count("sleep\0\(marker)") >= 2)
        task.cancel()
        _ = try? await task.value
        #expect(ProcessSearch.count("sleep\0\(marker)") == 0)
        let left = try await Self.containers(labelled: "org.buildspec.owner=tests:\(marker)")
        #expect(left.isEmpty)
    }

    @Test func `containers of dead builds are removed and those of living ones are not`() async throws {
        let container = try await Self.prepared {
            $0.owner = "tests:/a b"
            $0.build = "living"
        }
        var dead = container
        dead.settings.build = "dead"
        let deadContainer = dead
        try await withRunningSandbox(Self.place, container: container) { living in
            // Its runner sees it vanish.
            let error = await #expect(throws: SandboxError.self) {
                try await withRunningSandbox(Self.place, container: deadContainer) { sandbox in
                    let removed = await container.engine.removeContainers(ofOwner: "tests:/a b") {
                        $0 == "dead"
                    }
                    #expect(removed == 1)
                    try await sandbox.run("true")
                }
            }
            #expect(error?.code == .ended)
            let codes = try await living.run("true")
            #expect(codes == [0])
        }
    }

    @Test func `an image that cannot be fetched is an error with the mend`() async throws {
        let engine = try await TestContainer.ready().engine
        let error = await #expect(throws: SandboxError.self) {
            try await engine.image(ContainerSettings(image: "localhost:1/no/such:image"))
        }
        #expect(error?.code == .imageMissing)
        #expect(error?.hint?.contains("pull localhost:1/no/such:image") == true)
    }

    @Test func `options that no engine knows are told in its words`() async throws {
        var settings = try await TestContainer.settings()
        settings.options = ["--no-such-option"]
        let wanted = settings
        let error = await #expect(throws: SandboxError.self) { try await PreparedContainer.prepare(wanted) }
        #expect(error?.code == .startFailed)
        #expect(error?.detail.contains("no-such-option") == true)
    }

    private static func containers(labelled label: String) async throws -> [Substring] {
        var invocation = Program.Invocation(["ps", "--all", "--quiet", "--filter", "label=\(label)"])
        invocation.environment = ProcessInfo.processInfo.environment
        return try await TestContainer.engine().run(invocation).standardOutput.split(separator: "\n")
    }
}

/// What needs no engine.
@Suite struct ImageNameTests {
    @Test(arguments: [
        ("aws/codebuild/standard:7.0", "public.ecr.aws/codebuild/standard:7.0"),
        (
            "aws/codebuild/amazonlinux-x86_64-standard:5.0",
            "public.ecr.aws/codebuild/amazonlinux-x86_64-standard:5.0"
        ),
        ("node:18", "docker.io/library/node:18"), ("org/tool:1", "docker.io/org/tool:1"),
        ("localhost/own", "localhost/own"), ("registry:5000/a/b", "registry:5000/a/b"),
        (
            "123456789012.dkr.ecr.eu-west-1.amazonaws.com/a@sha256:00",
            "123456789012.dkr.ecr.eu-west-1.amazonaws.com/a@sha256:00"
        ),
    ])
    func `an image is fetched by its full name`(name: String, remote: String) {
        #expect(ImageName.remote(name, prefix: ImageName.publicPrefix) == remote)
    }

    @Test(arguments: ["mirror.example/cb", "mirror.example/cb/"])
    func `CodeBuild's images come from the prefix, unless they were built here`(prefix: String) {
        let names = ImageName.local("aws/codebuild/standard:7.0", prefix: prefix)
        #expect(names == ["aws/codebuild/standard:7.0", "mirror.example/cb/standard:7.0"])
    }

    @Test(arguments: [
        "", "-v", "--privileged", "a b", "a\nb", "a;b", "é", String(repeating: "a", count: 600),
    ])
    func `what is no image's name is refused`(name: String) {
        #expect(!ImageName.isPlausible(name))
    }

    @Test func `the compute types have the documented sizes`() {
        #expect(ComputeSize.named("BUILD_GENERAL1_SMALL") == ComputeSize(gibibytes: 3, processors: 2))
        #expect(ComputeSize.named("BUILD_GENERAL1_MEDIUM") == ComputeSize(gibibytes: 7, processors: 4))
        #expect(ComputeSize.named("BUILD_GENERAL1_LARGE") == ComputeSize(gibibytes: 15, processors: 8))
        #expect(ComputeSize.named("SMALL") == nil)
    }
}
