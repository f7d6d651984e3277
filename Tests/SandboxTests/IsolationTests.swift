import Foundation
import Sandbox
import SystemPackage
import Testing

@Suite(.timeLimit(.minutes(5))) struct IsolationTests {
    private static let place = SandboxPlace(kind: .bubblewrap, shell: "sh")

    /// A command and all it may say inside.
    static let facts: [(command: String, output: String)] = [
        ("ls -A /root /home /tmp /mnt /srv | sed '/^$/d'", "/home:\n/mnt:\n/root:\n/srv:\n/tmp:\n"),
        ("hostname 2>/dev/null || cat /proc/sys/kernel/hostname", "buildspec\n"),
        ("cat /etc/shadow 2>/dev/null | wc -c", "0\n"),
        ("touch /usr/x /etc/x /bin/x 2>/dev/null; ls /usr/x /etc/x /bin/x 2>/dev/null; echo none", "none\n"),
        ("mount -o remount,rw /usr 2>/dev/null && echo remounted; echo no", "no\n"),
        ("umount /etc/shadow 2>/dev/null && echo unmounted; cat /etc/shadow 2>/dev/null | wc -c", "0\n"),
        ("mount -t tmpfs none /mnt 2>/dev/null && echo mounted; echo no", "no\n"),
        ("tail -n +2 /proc/net/route | wc -l", "0\n"),
        ("ls /sys/class/net 2>/dev/null; cat /proc/net/dev | tail -n +3 | cut -d: -f1 | tr -d ' '", "lo\n"),
        ("id -u; id -g", "0\n0\n"),
        ("ls -d /work /var/run/docker.sock /run/docker.sock 2>/dev/null; echo none", "none\n"),
        ("cat /proc/1/environ | tr '\\0' '\\n' | grep -v '^PWD=' | wc -l", "0\n"),
        ("ls /proc | grep -c '^[0-9]*$' | awk '{ print ($1 < 12) ? \"own\" : \"host\" }'", "own\n"),
        ("ls /dev | tr '\\n' ' ' | grep -cE 'sda|vda|nvme|mem|kmsg'", "0\n"),
        ("touch /codebuild/x /root/x /tmp/x /var/tmp/x && echo own", "own\n"),
        ("chown 1:1 /etc/passwd 2>/dev/null && echo owned; echo no", "no\n"),
        ("kill -0 1 && echo init", "init\n"),
        // Opened, never written: a failing test must not harm the machine.
        (
            "for f in /proc/sys/kernel/core_pattern /proc/sys/vm/drop_caches /proc/sys/kernel/hostname; do "
                + "( : >>$f ) 2>/dev/null && echo opens $f; done; echo none", "none\n"
        ),
        ("cat /proc/sys/kernel/osrelease | wc -l", "1\n"),
        ("cat /proc/kcore /proc/keys /proc/timer_list 2>/dev/null | head -c 100 | wc -c", "0\n"),
        ("dmesg 2>/dev/null | head -n 1; echo none", "none\n"),
    ]

    @Test(arguments: facts.indices)
    func `inside there is`(fact: Int) async throws {
        let (command, expected) = Self.facts[fact]
        let output = try await withRunningSandbox(Self.place) { try await $0.outputOf(command) }
        #expect(output == expected, "\(command)")
    }

    @Test func `a writable system shows no more`() async throws {
        // What a build may change, it may change; the accounts that it finds there have no passwords.
        let facts = Self.facts.filter { fact in
            !["touch /usr", "chown 1:1", "/etc/shadow"].contains(where: fact.command.contains)
        }
        let outputs = try await withRunningSandbox(.writable) { sandbox in
            var outputs: [String] = []
            for fact in facts { outputs.append(try await sandbox.outputOf(fact.command)) }
            return outputs
        }
        for (fact, output) in zip(facts, outputs) { #expect(output == fact.output, "\(fact.command)") }
    }

    @Test(arguments: [SandboxPlace.readOnly, .writable])
    func `without a network the loopback works`(place: SandboxPlace) async throws {
        let program =
            "import socket; s = socket.create_server((\"127.0.0.1\", 0)); "
            + "c = socket.create_connection(s.getsockname()); c.send(b\"hello\"); print(s.accept()[0].recv(9))"
        let output = try await withRunningSandbox(place) { try await $0.outputOf("python3 -c '\(program)'") }
        #expect(output == "b'hello'\n")
    }

    @Test func `no variable of the runner gets in`() async throws {
        setenv("BUILDSPEC_TEST_CANARY", "canary-value", 1)
        let variables = try await withRunningSandbox(Self.place) { try await $0.runner.environment() }
        #expect(!variables.values.contains { $0.contains("canary") })
        #expect(Set(variables.keys).subtracting(["PATH", "PWD", "OLDPWD", "SHLVL", "_"]).isEmpty)
    }

    @Test(arguments: SandboxPlace.kinds)
    func `no variable of the runner reaches a command on any place`(place: SandboxPlace) async throws {
        setenv("BUILDSPEC_TEST_CANARY", "canary-value", 1)
        let output = try await withRunningSandbox(place) {
            try await $0.outputOf("cat /proc/$$/environ /proc/$PPID/environ; env")
        }
        #expect(!output.contains("canary"))
    }

    @Test func `the host's scratch directories are invisible`() async throws {
        let found = try await withRunningSandbox(Self.place) { sandbox in
            try await sandbox.outputOf("ls \(sandbox.root.hostPath) \(#filePath) 2>/dev/null; echo end")
        }
        #expect(found == "end\n")
    }

    @Test func `no process of the host can be seen or killed`() async throws {
        let output = try await withRunningSandbox(Self.place) { sandbox in
            try await sandbox.outputOf(
                "kill -0 \(ProcessInfo.processInfo.processIdentifier) 2>/dev/null && echo seen; echo end")
        }
        #expect(output == "end\n")
    }

    @Test func `with the network of the host there is the loopback of the host`() async throws {
        let output = try await withRunningSandbox(Self.place, network: .host) { sandbox in
            try await sandbox.outputOf("readlink /proc/self/ns/net")
        }
        let own = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/ns/net")
        #expect(output == own + "\n")
    }

    @Test func `offered tools are there and read-only`() async throws {
        try await withToolSandbox { output in
            #expect(output == "offered\nread-only\n")
        }
    }

    private func withToolSandbox(_ check: @Sendable @escaping (String) -> Void) async throws {
        let scratch = FileManager.default.temporaryDirectory.appending(path: "tool-\(UUID().uuidString)")
        try Data("#!/bin/sh\necho offered\n".utf8).write(to: scratch)
        defer { try? FileManager.default.removeItem(at: scratch) }
        chmod(scratch.path, 0o755)
        let tool = FilePath(scratch.path)
        let output = try await withRunningSandbox(Self.place, tools: ["hello": tool]) { sandbox in
            try await sandbox.outputOf(
                "PATH=$PATH:/codebuild/user/bin; hello; echo x 2>/dev/null >/codebuild/user/bin/hello || echo read-only"
            )
        }
        check(output)
    }
}
