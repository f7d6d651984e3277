import Foundation
import Glibc
import Sandbox
import SystemPackage
import TestSupport
import Testing

/// A build that changes the system as packages and their scripts do, and a host that sees nothing of it.
@Suite(.timeLimit(.minutes(5)), .serialized) struct WritableSystemTests {
    /// Files that `changes` makes, deletes or replaces.
    private static let touched = [
        "/usr/buildspec-x", "/etc/buildspec-x", "/var/buildspec-x", "/opt/buildspec-x", "/bin/buildspec-x",
        "/usr/local/bin/buildspec-tiny", "/var/lib/dpkg/info/buildspec-tiny.list", "/home/buildspec-bob",
    ]
    /// What is done, and what is said when it worked.
    static let changes: [(command: String, output: String)] = [
        ("for d in usr etc var opt bin lib home srv root; do touch /$d/buildspec-x || echo $d; done", ""),
        ("cp /bin/ls /bin/x1 && rm /bin/ls && mv /bin/x1 /bin/ls && ls -d /usr", "/usr\n"),
        ("mv /usr/bin/env /usr/bin/moved && moved echo moved", "moved\n"),
        ("rm -rf /usr/share/doc && ls -d /usr/share/doc 2>/dev/null; echo gone", "gone\n"),
        ("echo '# more' >>/etc/passwd && tail -n 1 /etc/passwd", "# more\n"),
        ("chmod 700 /usr/bin/find && stat -c %a /usr/bin/find", "700\n"),
        ("ldconfig && ls /etc/ld.so.cache", "/etc/ld.so.cache\n"),
        (
            "sed -i '/^# more/d' /etc/passwd && useradd -m buildspec-bob && ls -d /home/buildspec-bob",
            "/home/buildspec-bob\n"
        ),
        (
            "mkdir -p /tmp/p/DEBIAN /tmp/p/usr/local/bin && cd /tmp/p && "
                + "printf 'Package: buildspec-tiny\\nVersion: 1\\nArchitecture: all\\nMaintainer: n <n@example.com>\\n"
                + "Description: tiny\\n' >DEBIAN/control && printf '#!/bin/sh\\necho tiny\\n' >usr/local/bin/buildspec-tiny"
                + " && chmod 755 usr/local/bin/buildspec-tiny && dpkg-deb --root-owner-group -b . /tmp/p.deb >/dev/null"
                + " && dpkg -i /tmp/p.deb >/tmp/log 2>&1 || cat /tmp/log; cd /; buildspec-tiny", "tiny\n"
        ),
        (
            "dpkg -r buildspec-tiny >/dev/null 2>&1; ls /usr/local/bin/buildspec-tiny 2>/dev/null; echo no",
            "no\n"
        ),
    ]

    @Test(arguments: OverlayWay.allCases)
    func `what a build changes, it finds changed, and the host does not`(way: OverlayWay) async throws {
        let before = try FileManager.default.contentsOfDirectory(atPath: "/etc").sorted()
        do {
            let said = try await withRunningSandbox(
                .writable,
                environment: [("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin")],
                ways: [way]
            ) { sandbox in
                var said: [String] = []
                for change in Self.changes { said.append(try await sandbox.outputOf(change.command)) }
                return said
            }
            for (change, output) in zip(Self.changes, said) {
                #expect(output == change.output, "\(change.command)")
            }
        } catch let error as SandboxError where error.code == .overlayRefused {
            #expect(error.hint != nil)
            Issue.record(
                "not tested: \(way.rawValue) is not permitted here (\(error.detail))", severity: .warning)
        }
        for file in Self.touched { #expect(access(file, F_OK) != 0, "\(file)") }
        #expect(access("/usr/bin/env", X_OK) == 0)
        #expect(try FileManager.default.contentsOfDirectory(atPath: "/etc").sorted() == before)
        let mounts = try String(contentsOfFile: "/proc/self/mounts", encoding: .utf8)
        #expect(!mounts.contains("buildspec-test"))
    }

    @Test func `links at the top stay links`() async throws {
        let names = ["/bin", "/sbin", "/lib", "/lib64"]
        let inside = try await withRunningSandbox(.writable) { sandbox in
            try await sandbox.outputOf("for l in \(names.joined(separator: " ")); do readlink $l; done; true")
        }
        let own = names.compactMap { try? FileManager.default.destinationOfSymbolicLink(atPath: $0) }
        #expect(inside == own.map { $0 + "\n" }.joined())
    }

    @Test(arguments: [SandboxPlace.writable, .readOnly])
    func `secrets of the host's system are not in the sandbox`(place: SandboxPlace) async throws {
        let passwords = try await withRunningSandbox(place) { sandbox in
            try await sandbox.outputOf(
                "cut -d: -f2 /etc/shadow 2>/dev/null | sort -u; ls -A /etc/ssh /etc/ssl/private")
        }
        #expect(!passwords.contains("$"))
        #expect(!passwords.contains("key"))
        let manager = FileManager.default
        let files = manager.enumerator(atPath: "/etc")?.compactMap { $0 as? String } ?? []
        let hidden = files.filter { name in
            var status = stat()
            return lstat("/etc/" + name, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
                && status.st_mode & S_IROTH == 0 && status.st_size > 0 && !name.hasSuffix("shadow")
        }
        let sizes = try await withRunningSandbox(place) { sandbox in
            try await sandbox.outputOf(
                hidden.map { "stat -c %s \(ShellQuoting.quote("/etc/" + $0)) 2>/dev/null" }.joined(
                    separator: "\n"))
        }
        #expect(sizes.split(separator: "\n").allSatisfy { $0 == "0" }, "\(hidden): \(sizes)")
    }

    @Test func `the host's logs, mail and databases are not in the copy`() async throws {
        let found = try await withRunningSandbox(.writable) { sandbox in
            try await sandbox.outputOf(
                "find /var/log /var/mail /var/spool /var/backups -type f 2>/dev/null; "
                    + "ls -d /var/lib/docker /var/lib/containers /var/lib/systemd 2>/dev/null; echo end")
        }
        #expect(found == "end\n")
    }

    /// In a read-only system `bwrap` makes them itself.
    @Test func `devices and terminals are those of a read-only system`() async throws {
        let look = """
            cd /dev && stat -c '%N %A %h %u:%g %t,%T' . * pts/* && stat -f -c %T . pts null
            grep -E ' /(dev|sys/devices|codebuild/user/bin)[^ ]* ' /proc/mounts | cut -d' ' -f2- | grep -o '^[^ ]* [^ ]* [^ ]*' | sort
            echo said >null && head -c 2 zero | wc -c && head -c 2 urandom | wc -c && cd /
            command -v script >/dev/null && script -qc 'test -t 0 && tty && echo on it' /dev/null </dev/null
            ( : </dev/tty ) 2>/dev/null || echo no terminal
            codebuild-tool; echo more >>/codebuild/user/bin/codebuild-tool || touch /sys/devices/system/cpu/x || echo kept
            """
        try await withScratchDirectory { scratch in
            let tool = try scratch.write("#!/bin/sh\necho tool\n", to: "tool")
            chmod(tool.string, 0o755)
            var said: [String] = []
            for place in [SandboxPlace.readOnly, .writable] {
                said.append(
                    try await withRunningSandbox(
                        place, environment: [("PATH", "/codebuild/user/bin:/usr/bin:/bin")],
                        tools: ["codebuild-tool": tool]
                    ) { try await $0.outputOf("( \(look) ) 2>/dev/null") })
            }
            #expect(said[0] == said[1])
            #expect(said[0].hasSuffix("no terminal\ntool\nkept\n"), "\(said[0])")
        }
    }

    /// Stands in for a machine that permits bubblewrap, but nothing below a namespace of ours.
    @Test func `where it is refused, the system is read-only, and why is known`() async throws {
        try await withScratchDirectory { scratch in
            let tool = try scratch.write(
                """
                #!/bin/sh
                case " $* " in *" --unshare-user "*) exec bwrap "$@" ;; esac
                echo 'no overlays today' >&2
                exit 1

                """, to: "picky")
            chmod(tool.string, 0o755)
            let root = BuildRoot(hostPath: scratch.path.appending("root"))
            mkdir(root.hostPath.string, 0o755)
            try root.create()
            var configuration = SandboxConfiguration(
                kind: .bubblewrap, network: .none, root: root, bubblewrap: tool,
                system: .overlay(in: scratch.path.appending("overlay"), orReadOnly: true))
            configuration.overlayWays = [.kernel, .kernelInMemory]
            let refusal = try await withSandbox(configuration) { $0.refusal }
            #expect(refusal?.reason.isEmpty == false)
            #expect(refusal?.mend.isEmpty == false)
            configuration.system = .overlay(in: scratch.path.appending("overlay"), orReadOnly: false)
            let strict = configuration
            let error = await #expect(throws: SandboxError.self) { try await withSandbox(strict) { _ in } }
            #expect(error?.code == .overlayRefused)
        }
    }

    @Test(arguments: [SandboxPlace.readOnly, .writable])
    func `sudo runs its arguments where the host has one`(place: SandboxPlace) async throws {
        guard access("/usr/bin/sudo", F_OK) == 0 else {
            let said = try await withRunningSandbox(place) {
                try await $0.outputOf("command -v sudo; echo none")
            }
            #expect(said == "none\n")
            Issue.record("not tested: this host has no sudo", severity: .warning)
            return
        }
        let said = try await withRunningSandbox(place) { sandbox in
            try await sandbox.outputOf(
                """
                sudo id -u; sudo -n -E X='a b' sh -c 'echo "$X"'; sudo -- printf '%s|' 'c d' e; echo
                sudo sh -c 'exit 7'; echo $?; echo in | sudo cat 2>&1; sudo -i 'echo $0'; sudo -v && echo valid
                sudo -u no-such-user true; echo $?
                """)
        }
        #expect(said == "0\na b\nc d|e|\n7\nin\n/bin/sh\nvalid\nsudo: unknown user no-such-user\n1\n")
    }
}
