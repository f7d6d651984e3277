import Glibc
import SystemPackage

/// The engine's arguments for the container of one build.
enum ContainerArguments {
    /// Label that holds ``ContainerSettings/owner``.
    static let ownerLabel = "org.buildspec.owner"
    /// Label that holds ``ContainerSettings/build``.
    static let buildLabel = "org.buildspec.build"

    /// Arguments to find out whether a container of that image starts.
    static func probe(_ prepared: PreparedContainer) -> [String] {
        prepared.engineOptions.global + ["run", "--rm", "--network", "none"] + common(prepared)
            + ["--entrypoint", "sh", prepared.image.id, "-c", ":"]
    }

    /// Arguments to run the driver.
    ///
    /// ENTRYPOINT and USER of the image play no part, as in the cloud (behaviour reference, sections 1.3 and 2.9).
    static func run(
        _ prepared: PreparedContainer, _ configuration: SandboxConfiguration, name: String, script: String
    ) -> [String] {
        var arguments = prepared.engineOptions.global
        arguments += ["run", "--rm", "--interactive", "--name", name]
        arguments += ["--network", configuration.network == .none ? "none" : "host"]
        for (source, target, access) in mounts(prepared, configuration) {
            arguments += mount(source, target, access)
        }
        arguments += common(prepared)
        arguments += ["--entrypoint", "sh", prepared.image.id]
        return arguments + ["-c", entry, SandboxDriver.programWithGivenPath, script]
    }

    /// Starts the driver (`$0`) without the variables that image and engine set: the build gets the image's own as its
    /// lowest layer, so that a command can unset them.
    private static let entry = """
        command -v env >/dev/null 2>&1 && exec env -i PATH="$PATH" sh -c "$0" sh "$1"
        exec sh -c "$0" sh "$1"
        """

    private static func common(_ prepared: PreparedContainer) -> [String] {
        let settings = prepared.settings
        var options = ["--user", "0:0", "--workdir", "/", "--log-driver", "none"]
        options += [
            "--label", "\(ownerLabel)=\(settings.owner)", "--label", "\(buildLabel)=\(settings.build)",
        ]
        // Bind mounts of a labelled system would be unreadable, and relabelling them is not ours to do.
        options += ["--security-opt", "label=disable"]
        if settings.isPrivileged {
            options.append("--privileged")
        } else {
            options += ["--security-opt", "no-new-privileges"]
        }
        // podman hands the runner's proxy variables on, and has ideas about images that start systemd.
        if prepared.engine.name == .podman { options += ["--http-proxy=false", "--systemd=false"] }
        if let size = settings.size, !prepared.engineOptions.isWithoutCgroups {
            let memory = "\(size.gibibytes)g"
            options += ["--memory", memory, "--memory-swap", memory]
            // More than there are is an error for docker.
            let online = max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN)))
            if size.processors < online { options += ["--cpus", String(size.processors)] }
        }
        return options + prepared.engineOptions.run + settings.options
    }

    /// The image's own `/root`, `/tmp` and `/codebuild/image` stay: its tools are there.
    private static func mounts(
        _ prepared: PreparedContainer, _ configuration: SandboxConfiguration
    ) -> [(source: FilePath, target: String, access: String)] {
        var mounts = ["output", "readonly", "user"].map { name in
            (configuration.root.host(FilePath("codebuild").appending(name)), "/codebuild/\(name)", "rw")
        }
        for (name, executable) in configuration.tools.sorted(by: { $0.key < $1.key }) {
            mounts.append((executable, "/codebuild/user/bin/\(name)", "ro"))
        }
        if let files = configuration.imageFiles { mounts.append((files, "/codebuild/image", "ro")) }
        if let socket = prepared.dockerSocket { mounts.append((socket, "/var/run/docker.sock", "rw")) }
        return mounts
    }

    private static func mount(_ source: FilePath, _ target: String, _ access: String) -> [String] {
        guard source.string.contains(":") else {
            return ["--volume", "\(source.string):\(target):\(access)"]
        }
        // Fields of a comma-separated line.
        let quoted = source.string.split(separator: "\"", omittingEmptySubsequences: false).joined(
            separator: "\"\"")
        let end = access == "ro" ? ",readonly" : ""
        return ["--mount", "type=bind,\"source=\(quoted)\",target=\(target)\(end)"]
    }
}
