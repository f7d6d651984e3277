import Foundation
import Glibc
import Sandbox
import SystemPackage
import TestSupport
import Testing

/// Ways out of the sandbox, tried and refused.
///
/// Nothing here harms the machine when the sandbox does: kernel files are opened and never written, devices are made
/// and never opened, and what multiplies stops by itself.
@Suite(.timeLimit(.minutes(5))) struct EscapeTests {
    static let places = [SandboxPlace.readOnly, .writable]

    /// Opens a switch of the kernel in a namespace where the build has all powers.
    private static let nested =
        "unshare -Urm --propagation private sh -c '%; ( : >>/proc/sys/kernel/core_pattern ) 2>/dev/null && echo open'"

    /// Commands that say nothing but `end` when they are refused.
    static let attempts = [
        "mount -t proc proc /mnt 2>/dev/null && echo mounted",
        "mount --bind / /mnt 2>/dev/null && echo mounted",
        "umount -l /proc/sys 2>/dev/null && echo unmounted",
        nested.replacing("%", with: "umount -l /proc/sys 2>/dev/null"),
        nested.replacing("%", with: "mount -o remount,rw,bind /proc/sys 2>/dev/null"),
        nested.replacing("%", with: "umount -R -l /proc 2>/dev/null"),
        "unshare -Urmpf sh -c 'mount -t proc proc /proc 2>/dev/null && ( : >>/proc/sys/kernel/core_pattern ) "
            + "2>/dev/null && echo open'",
        "mknod /tmp/disk b 8 0 2>/dev/null && echo made",
        "mknod /tmp/memory c 1 1 2>/dev/null && echo made",
        "chroot /proc/1/root ls /work 2>/dev/null",
        "nsenter -t 1 -m -u -i -n -p ls /work 2>/dev/null",
        "ls /proc/1/cwd/work /proc/self/root/work 2>/dev/null",
        "ls -d /root/.aws /root/.ssh /home/*/.aws /home/*/.ssh 2>/dev/null",
        "ls /run/user /run/systemd /run/containerd /run/dbus 2>/dev/null",
        "( : </dev/tty ) 2>/dev/null && echo terminal",
        "grep -q '^NoNewPrivs:.1' /proc/self/status || echo privileges",
        "cat /sys/kernel/debug /sys/fs/cgroup/* /sys/firmware/* 2>/dev/null | head -c 1",
        "touch /sys/devices/system/cpu/x 2>/dev/null && echo written",
    ]

    @Test(arguments: places)
    func `every attempt is refused`(place: SandboxPlace) async throws {
        let outputs = try await withRunningSandbox(place) { sandbox in
            var outputs: [String] = []
            for attempt in Self.attempts {
                outputs.append(try await sandbox.outputOf(attempt + "; echo end"))
            }
            return outputs
        }
        for (attempt, output) in zip(Self.attempts, outputs) {
            #expect(
                output.split(separator: "\n").filter { !$0.hasPrefix("unshare: ") } == ["end"], "\(attempt)")
        }
    }

    /// By the number that the host knows it by, and by whatever else a build can see.
    @Test(arguments: places)
    func `the runner cannot be read, traced or killed`(place: SandboxPlace) async throws {
        let runner = ProcessInfo.processInfo.processIdentifier
        setenv("BUILDSPEC_TEST_CANARY", "canary-value", 1)
        let program = """
            import ctypes, os
            libc = ctypes.CDLL(None, use_errno=True)
            own = set(int(n) for n in os.listdir("/proc") if n.isdigit())
            print("seen", \(runner) in own)
            if \(runner) not in own:
                print("attach", libc.ptrace(16, \(runner), 0, 0), "kill", libc.kill(\(runner), 0))
            texts = [open(f"/proc/{n}/environ", "rb").read() for n in own if os.access(f"/proc/{n}/environ", os.R_OK)]
            print("canary", any(b"canary" in t for t in texts))
            """
        let output = try await withRunningSandbox(place) { sandbox in
            try await sandbox.outputOf("python3 -c \(ShellQuoting.quote(program)) 2>/dev/null")
        }
        #expect(output == "seen False\nattach -1 kill -1\ncanary False\n")
    }

    @Test(arguments: places)
    func `other builds cannot be seen, and writing to their place reaches nobody`(
        place: SandboxPlace
    ) async throws {
        try await withScratchDirectory { other in
            try other.write("secret", to: "work/root/codebuild/output/file")
            let said = try await withRunningSandbox(place) { sandbox in
                try await sandbox.outputOf(
                    """
                    find / -xdev -name \(other.path.lastComponent?.string ?? "") 2>/dev/null
                    mkdir -p \(other.path) && echo evil >\(other.path)/evil; echo end
                    """)
            }
            #expect(said == "end\n")
            #expect(access(other.path.appending("evil").string, F_OK) != 0)
        }
    }

    /// Links, odd modes and foreign owners, in the workspace and in the system.
    @Test(arguments: places)
    func `planted links lead the runner nowhere when it clears up`(place: SandboxPlace) async throws {
        try await withScratchDirectory { host in
            try host.write("kept", to: "kept")
            _ = try await withRunningSandbox(
                place, environment: [("PATH", "/usr/bin:/bin"), ("H", host.path.string)]
            ) {
                sandbox in
                try await sandbox.run(
                    """
                    for d in /codebuild /root /tmp /usr /etc /var; do
                      ln -s $H $d/planted; mkdir -p $d/shut/in; ln -s $H/kept $d/shut/in/link; chmod 0 $d/shut
                    done 2>/dev/null; exit 0
                    """)
            }
            #expect(try host.read("kept") == Array("kept".utf8))
        }
    }
}
