import Glibc
package import SystemPackage

/// Ends one build's container, also when its runner has been killed.
struct ContainerEnding: Sendable {
    var engine: ContainerEngine
    /// The container's name.
    var name: String

    /// A shell program that runs the engine (`$3...`) and removes the container `$1` when the runner `$2` is gone.
    ///
    /// The container is no child of the engine's client, so that a killed client would leave it running.
    static let program = """
        name=$1 runner=$2
        shift 2
        (
          while kill -0 "$runner" && kill -0 $$; do sleep 1; done
          kill -0 "$runner" && exit
          "$1" kill --signal KILL "$name"
          "$1" rm --force --volumes "$name"
        ) </dev/null >/dev/null 2>&1 &
        exec "$@"
        """

    /// Kills every process in the container and waits until it and the client, the leader of its process group, are
    /// gone.
    ///
    /// A container that is not there yet must not come up later: then the client is killed first.
    func end(client: pid_t) async {
        let killed = await engine.ask(["kill", "--signal", "KILL", name], limit: .seconds(10))
        if killed.isSuccess { await waitForEnd(of: client) }
        kill(-client, SIGKILL)
        // Usually the engine has removed it by then; this waits until it has.
        _ = await engine.ask(Self.removal(name, engine.name), limit: .seconds(20))
    }

    /// Arguments that remove a container, running or not.
    static func removal(_ name: String, _ engine: ContainerEngine.Name) -> [String] {
        ["rm", "--force", "--volumes"] + (engine == .podman ? ["--ignore", "--time", "0"] : []) + [name]
    }

    private func waitForEnd(of client: pid_t) async {
        for _ in 0..<250 {
            guard ProcessTable.isRunning(client) else { return }
            await Task { try? await Task.sleep(for: .milliseconds(20)) }.value
        }
    }
}

extension ContainerEngine {
    /// Gives all files below a directory to the runner's user: containers of ordinary users may have made files of
    /// other users, whom only the engine can act for.
    ///
    /// Does nothing for root, and for docker, which has no such command.
    package func takeOver(_ directory: FilePath) async {
        guard name == .podman, getuid() != 0 else { return }
        _ = await ask(["unshare", "chown", "-hR", "0:0", directory.string], limit: .seconds(600))
    }

    /// Removes the containers of an owner whose builds are dead.
    /// - Parameters:
    ///   - owner: See ``ContainerSettings/owner``.
    ///   - isDead: Whether nobody runs the build of that name any more.
    /// - Returns: How many were removed.
    @discardableResult
    package func removeContainers(
        ofOwner owner: String, whereBuild isDead: (String) -> Bool
    ) async -> Int {
        let listed = await ask(
            [
                "ps", "--all", "--quiet", "--no-trunc", "--filter",
                "label=\(ContainerArguments.ownerLabel)=\(owner)",
            ],
            limit: .seconds(20))
        var removed = 0
        for id in String(decoding: listed.output, as: UTF8.self).split(whereSeparator: \.isNewline) {
            let label = "{{index .Config.Labels \"\(ContainerArguments.buildLabel)\"}}"
            let answer = await ask(
                ["inspect", "--type", "container", "--format", label, String(id)], limit: .seconds(20))
            var build = String(decoding: answer.output, as: UTF8.self)
            while build.last?.isNewline == true { build.removeLast() }
            guard answer.isSuccess, !build.isEmpty, isDead(build) else { continue }
            let removal = await ask(ContainerEnding.removal(String(id), name), limit: .seconds(20))
            if removal.isSuccess { removed += 1 }
        }
        return removed
    }
}
