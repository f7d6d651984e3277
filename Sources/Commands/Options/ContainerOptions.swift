import ArgumentParser
import BuildProject
import Sandbox

/// What a container is made of.
struct ContainerOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Run in this image; implies --sandbox container.",
            discussion: "An image that is on this machine is taken as it is: no registry is asked."))
    var image: String?

    @Option(help: "podman or docker (default: whichever works, podman first).")
    var engine: ContainerEngine.Name?

    @Option(
        name: .customLong("engine-option"), parsing: .unconditionalSingleValue,
        help: "An option for the engine's `run`, such as --engine-option=--device=/dev/kvm (repeatable).")
    var engineOptions: [String] = []

    @Flag(help: "Privileged mode; builds find a working `docker` in images that have one.")
    var privileged = false

    @Option(help: "Give the build this Docker socket of the host, and with it the host.")
    var dockerSocket: String?

    @Option(help: "Limit memory and processors as this compute type does, such as BUILD_GENERAL1_SMALL.")
    var computeType: String?

    @Option(
        help: ArgumentHelp(
            "Where the public copies of aws/codebuild/... images are.",
            discussion: "Default: $BUILDSPEC_IMAGE_PREFIX, else \(ImageName.publicPrefix)"))
    var imagePrefix: String?

    /// The options that make no sense without an image, as far as they are given.
    private var givenWithoutImage: String? {
        if engine != nil { return "--engine" }
        if !engineOptions.isEmpty { return "--engine-option" }
        if privileged { return "--privileged" }
        if dockerSocket != nil { return "--docker-socket" }
        if computeType != nil { return "--compute-type" }
        return imagePrefix == nil ? nil : "--image-prefix"
    }

    /// The settings of the container, or nil when none is asked for.
    ///
    /// What the options leave open is as in the environment of `project`; its image counts only where a container is asked for.
    /// - Throws: ``CommandFailure`` with status `usage` when options contradict each other.
    func settings(
        _ sandbox: SandboxOptions.Choice, _ environment: RunnerEnvironment, _ project: ProjectEnvironment?
    ) throws(CommandFailure) -> ContainerSettings? {
        guard let image = image ?? (sandbox == .container ? project?.image : nil) else {
            if sandbox == .container {
                throw .usage("--sandbox container: no image is named", hint: "add --image IMAGE")
            }
            if let option = givenWithoutImage {
                throw .usage("\(option): it needs a container", hint: "add --image IMAGE")
            }
            return nil
        }
        guard sandbox == .auto || sandbox == .container else {
            throw .usage("--image: contradicts --sandbox \(sandbox.rawValue)", hint: "leave one of them out")
        }
        guard ImageName.isPlausible(image) else {
            throw .usage("--image \(image): it is not an image's name", hint: "names look like alpine:3.20")
        }
        var settings = ContainerSettings(image: image)
        settings.engine = engine
        settings.options = engineOptions
        settings.isPrivileged = privileged || project?.privilegedMode == true
        settings.dockerSocket = dockerSocket.map(environment.absolute)
        if let computeType {
            guard let size = ComputeSize.named(computeType.uppercased()) else {
                let known = ComputeSize.types.keys.sorted().joined(separator: ", ")
                throw .usage(
                    "--compute-type \(computeType): there is no such type", hint: "the types are \(known)")
            }
            settings.size = size
        }
        if let type = project?.computeType, computeType == nil { settings.size = ComputeSize.named(type) }
        let prefix = imagePrefix ?? environment.variables["BUILDSPEC_IMAGE_PREFIX"]
        if let prefix, !prefix.isEmpty { settings.imagePrefix = prefix }
        return settings
    }
}

extension ContainerEngine.Name: OptionWord {}
