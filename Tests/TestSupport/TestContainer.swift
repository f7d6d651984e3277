import Foundation
package import Sandbox
import SystemPackage

/// Containers for tests: an engine of this machine, and an image made of the machine's own programs, so that no
/// registry is needed.
///
/// Where no engine works, tests are skipped; why is said once on standard error, for `.ci/test` to show.
package enum TestContainer {
    /// The image, made once on a machine for each recipe: its tag is the recipe's checksum (FNV-1a).
    ///
    /// Its ENTRYPOINT fails and its USER can do nothing, and both must play no part.
    package static let image: String = {
        let checksum = script.utf8.reduce(UInt64(0xcbf2_9ce4_8422_2325)) {
            ($0 ^ UInt64($1)) &* 0x100_0000_01b3
        }
        return "localhost/buildspec-test:" + String(checksum, radix: 16)
    }()

    /// Why containers cannot be tested here.
    package struct Unavailable: Error, CustomStringConvertible {
        package let description: String
    }

    /// Engine and image, tried out once.
    private static let prepared = Task { () async -> Result<PreparedContainer, Unavailable> in
        do {
            let engine = try await ContainerEngine.find()
            try await makeImage(engine)
            var settings = ContainerSettings(image: image)
            settings.engine = engine.name
            return .success(try await PreparedContainer.prepare(settings))
        } catch {
            FileHandle.standardError.write(Data("containers are not tested here: \(error)\n".utf8))
            return .failure(Unavailable(description: "\(error)"))
        }
    }

    /// For `.enabled(...)`: whether containers can be tested here.
    package static func isAvailable() async -> Bool {
        if case .success = await prepared.value { return true }
        return false
    }

    /// A container that is known to start.
    package static func ready() async throws -> PreparedContainer {
        try await prepared.value.get()
    }

    /// The engine's command line.
    package static func engine() async throws -> Program {
        Program(try await ready().engine.executable)
    }

    /// What a build asks for to get it.
    package static func settings() async throws -> ContainerSettings {
        try await ready().settings
    }

    /// Runs `body` when few others run: an engine is slow when dozens want something of it at once.
    package static func inTurn<R: Sendable>(
        _ body: @Sendable (ContainerSettings) async throws -> R
    ) async throws -> R {
        let settings = try await settings()
        await turns.take()
        do {
            let result = try await body(settings)
            await turns.giveBack()
            return result
        } catch {
            await turns.giveBack()
            throw error
        }
    }

    private static let turns = Turns()

    /// Three at a time.
    private actor Turns {
        private var free = 3
        private var waiting: [CheckedContinuation<Void, Never>] = []

        func take() async {
            guard free == 0 else {
                free -= 1
                return
            }
            await withCheckedContinuation { waiting.append($0) }
        }

        func giveBack() {
            if waiting.isEmpty { free += 1 } else { waiting.removeFirst().resume() }
        }
    }

    private static func makeImage(_ engine: ContainerEngine) async throws {
        try await withScratchDirectory { scratch in
            var invocation = Program.Invocation(
                ["-c", script, "sh", scratch.path.string, engine.executable.string, image])
            invocation.environment = ["HOME": ProcessInfo.processInfo.environment["HOME"] ?? "/"]
            for name in ["XDG_RUNTIME_DIR", "DOCKER_HOST"] {
                invocation.environment[name] = ProcessInfo.processInfo.environment[name]
            }
            let outcome = try await Program("/bin/sh").run(invocation)
            guard outcome.status == 0 else {
                throw Unavailable(description: "the test image cannot be made: \(outcome.standardError)")
            }
        }
    }

    /// Gathers programs and their libraries in the directory `$1`, and hands them to the engine `$2` as the image `$3`.
    private static let script = #"""
        set -eu
        root=$1 engine=$2 image=$3
        "$engine" image inspect "$image" >/dev/null 2>&1 && exit
        cd "$root"
        mkdir -p usr/bin usr/lib usr/lib64 etc tmp var/tmp root home proc sys dev run mnt srv
        ln -s usr/bin bin && ln -s usr/bin sbin && ln -s usr/lib lib && ln -s usr/lib64 lib64
        chmod 1777 tmp var/tmp
        printf '%s\n' root:x:0:0:root:/root:/bin/sh daemon:x:1:1::/:/bin/false bin:x:2:2::/:/bin/false \
          nobody:x:65534:65534::/:/bin/false >etc/passwd
        printf '%s\n' root:x:0: daemon:x:1: bin:x:2: nogroup:x:65534: >etc/group
        for tool in sh dash bash env cat ls mkdir rm rmdir cp mv ln touch chmod chown printf true false test expr sort \
          uniq head tail tr cut wc sed grep awk find xargs sleep date id basename dirname readlink mktemp tee seq kill \
          ps nohup setsid timeout stat od tar gzip du dd yes uname hostname getent flock mkfifo sha256sum md5sum nproc base64 stty setpriv; do
          path=$(command -v "$tool") || continue
          case $path in /*) ;; *) path=/bin/$tool ;; esac
          cp -L "$path" "usr/bin/$tool"
          for library in $(ldd "$path" 2>/dev/null | grep -o '/[^ ]*'); do
            [ -e ".$library" ] && continue
            mkdir -p ".${library%/*}" && cp -L "$library" ".$library"
          done
        done
        tar -c . | "$engine" import --change 'ENTRYPOINT ["/bin/false"]' --change 'USER 65534' \
          --change 'ENV FROM_IMAGE="an image"' - "$image"
        """#
}
