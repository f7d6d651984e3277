import Foundation
import Sandbox
package import SystemPackage

/// An image like that of `container/Containerfile`, made without a registry: of the files of the same Debian packages, and
/// of those that they need, as this machine has them.
package enum WorkerImage {
    private static let tag = "localhost/buildspec-worker-test:packages"

    /// Engine and image, made once in each run of the tests.
    private static let prepared = Task { () async -> Result<PreparedContainer, TestContainer.Unavailable> in
        do {
            let container = try await TestContainer.ready()
            guard container.engine.name == .podman else {
                throw TestContainer.Unavailable(description: "the engine is not podman")
            }
            try await make(container.engine.executable)
            return .success(container)
        } catch {
            FileHandle.standardError.write(Data("the image of a worker is not tested here: \(error)\n".utf8))
            return .failure(TestContainer.Unavailable(description: "\(error)"))
        }
    }

    /// For `.enabled(...)`: whether the image can be tested here; why not is said on standard error.
    package static func isAvailable() async -> Bool {
        if case .success = await prepared.value { return true }
        return false
    }

    /// Runs this build's `buildspec` in a container of the image as its user.
    ///
    /// - Parameters:
    ///   - arguments: for `buildspec`.
    ///   - options: for `podman run`.
    ///   - project: is mounted at `/project`.
    /// - Returns: how the container ended, and what was said in it.
    /// - Throws: why the image cannot be made here.
    package static func run(
        _ arguments: [String], options: [String], project: FilePath
    ) async throws -> Program.Outcome {
        let container = try await prepared.value.get()
        let binary = try Program.buildspec().executable
        var words = container.engineOptions.global + ["run", "--rm", "--pull=never", "--network", "none"]
        words += container.engineOptions.run + options
        words += ["-v", "\(binary):/usr/local/bin/buildspec:ro", "-v", "\(project):/project"]
        // A debug build loads Swift's own libraries from the toolchain.
        let libraries = try await Program("/usr/bin/ldd").run(Program.Invocation([binary.string]))
            .standardOutput
        let toolchain = libraries.matches(of: #/=> (\/\S+)\/[^\/\s]+ /#).map { String($0.output.1) }
            .filter {
                !$0.hasPrefix("/lib") && !$0.hasPrefix("/usr/lib/x86_64") && !$0.hasPrefix("/usr/lib/aarch64")
            }
        for directory in Set(toolchain).sorted() { words += ["-v", "\(directory):\(directory):ro"] }
        var invocation = Program.Invocation(words + [tag, "/usr/local/bin/buildspec"] + arguments)
        invocation.environment = engineEnvironment
        return try await Program(container.engine.executable).run(invocation)
    }

    private static var engineEnvironment: [String: String] {
        let own = ProcessInfo.processInfo.environment
        var environment = ["HOME": own["HOME"] ?? "/"]
        environment["XDG_RUNTIME_DIR"] = own["XDG_RUNTIME_DIR"]
        return environment
    }

    private static func make(_ engine: FilePath) async throws {
        let file = FilePath(#filePath).removingLastComponent().removingLastComponent().removingLastComponent()
            .appending("container/Containerfile")
        try await withScratchDirectory { scratch in
            var invocation = Program.Invocation(
                ["-c", script, "sh", file.string, scratch.path.string, engine.string, tag])
            invocation.environment = engineEnvironment
            let outcome = try await Program("/bin/sh").run(invocation)
            guard outcome.status == 0 else {
                throw TestContainer.Unavailable(description: "it cannot be made: \(outcome.standardError)")
            }
        }
    }

    /// Gathers the packages that the file `$1` installs in the directory `$2`, for the engine `$3` to make the image `$4` of.
    private static let script = #"""
        set -eu
        file=$1 root=$2 engine=$3 image=$4
        command -v dpkg-query >/dev/null || { echo 'this is no Debian' >&2; exit 1; }
        packages=$(sed -n '/ AS tool$/,/ AS worker$/p' "$file" | sed -n '/--no-install-recommends/,/rm -rf/p' |
          tr -d '\\&' | tr ' ' '\n' | grep -E '^[a-z][a-z0-9.+-]+$' | grep -vxE 'apt-get|install|rm')
        for package in $packages; do
          dpkg-query -W "$package" >/dev/null || { echo "$package is not installed" >&2; exit 1; }
        done
        # What a slim Debian has, and what the packages need.
        todo="$packages $(dpkg-query -W -f '${Package} ${Essential} ${Priority}\n' |
          awk '$2 == "yes" || $3 == "required" {print $1}')"
        seen=
        while [ -n "$todo" ]; do
          next=
          for package in $todo; do
            case " $seen " in *" $package "*) continue ;; esac
            seen="$seen $package"
            next="$next $(dpkg-query -W -f '${Depends}, ${Pre-Depends}\n' "$package" 2>/dev/null |
              tr ',|' '\n\n' | sed 's/(.*//; s/:any//; s/ //g')"
          done
          todo=$(echo $next)
        done
        cd "$root"
        mkdir -p usr/bin usr/sbin usr/lib usr/lib64 tmp var/lib/buildspec-worker run proc sys dev etc home root
        ln -s usr/bin bin; ln -s usr/sbin sbin; ln -s usr/lib lib; ln -s usr/lib64 lib64
        chmod 1777 tmp
        dpkg-query -L $seen 2>/dev/null | sort -u |
          grep -vE '^/(\.|usr|bin|sbin|lib|lib64|tmp|etc/passwd|etc/group|usr/share/(doc|man|locale|info|zoneinfo)/.*)?$' |
          sed 's#^/##' | tar -C / -c --no-recursion --ignore-failed-read --files-from=- 2>/dev/null |
          tar -x --keep-directory-symlink
        printf '%s\n' root:x:0:0:root:/root:/bin/sh buildspec-worker:x:1000:1000::/var/lib/buildspec-worker:/bin/false > etc/passwd
        printf '%s\n' root:x:0: buildspec-worker:x:1000: > etc/group
        chown 1000:1000 var/lib/buildspec-worker 2>/dev/null || chmod 777 var/lib/buildspec-worker
        # The image of an earlier run would stay without a name.
        "$engine" rmi -f "$image" >/dev/null 2>&1 || true
        tar -c . | "$engine" import -q --change 'USER 1000' --change 'ENV HOME=/var/lib/buildspec-worker' - "$image"
        """#
}
