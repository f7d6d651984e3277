package import SystemPackage

/// What a build wants of its container: decided before the engine or the image has been looked at.
package struct ContainerSettings: Sendable, Hashable {
    /// The image, as the user or the project names it.
    package var image: String
    /// The engine that must be used; nil takes whichever works, podman first.
    package var engine: ContainerEngine.Name?
    /// Where the public copies of `aws/codebuild/...` are (see ``ImageName``).
    package var imagePrefix = ImageName.publicPrefix
    /// Further options of the engine's `run`, after all others.
    package var options: [String] = []
    /// `privilegedMode`: needed for Docker in builds.
    package var isPrivileged = false
    /// A Docker socket of the host that the build gets; nil for none.
    package var dockerSocket: FilePath?
    /// Memory and processors; nil sets no limit.
    package var size: ComputeSize?
    /// Who may remove the container when its runner is dead: the same for all builds of one `.buildspec` directory.
    package var owner = ""
    /// Which of the owner's builds it is.
    package var build = ""

    /// The option that takes the container off the host's network, if one does: the last one counts, as for the engines.
    package var ownNetworkOption: String? {
        var found: String?
        for (index, option) in options.enumerated() {
            guard
                let name = ["--network", "--net"].first(where: { option == $0 || option.hasPrefix($0 + "=") })
            else { continue }
            let value =
                option == name
                ? options.dropFirst(index + 1).first ?? "" : String(option.dropFirst(name.count + 1))
            found = value == "host" ? nil : "\(name)=\(value)"
        }
        return found
    }

    /// Names an image; everything else has its default.
    package init(image: String) {
        self.image = image
    }
}

/// Memory and processors of a compute type (behaviour reference, section 10.4).
package struct ComputeSize: Sendable, Hashable {
    /// GiB of memory.
    package var gibibytes: Int
    /// Processors.
    package var processors: Int

    /// Describes a size.
    package init(gibibytes: Int, processors: Int) {
        self.gibibytes = gibibytes
        self.processors = processors
    }

    /// The Linux compute types with fixed sizes, by name.
    package static let types: [String: ComputeSize] = [
        "BUILD_GENERAL1_SMALL": ComputeSize(gibibytes: 3, processors: 2),
        "BUILD_GENERAL1_MEDIUM": ComputeSize(gibibytes: 7, processors: 4),
        "BUILD_GENERAL1_LARGE": ComputeSize(gibibytes: 15, processors: 8),
        "BUILD_GENERAL1_XLARGE": ComputeSize(gibibytes: 70, processors: 36),
        "BUILD_GENERAL1_2XLARGE": ComputeSize(gibibytes: 145, processors: 72),
        "BUILD_LAMBDA_1GB": ComputeSize(gibibytes: 1, processors: 1),
        "BUILD_LAMBDA_2GB": ComputeSize(gibibytes: 2, processors: 1),
        "BUILD_LAMBDA_4GB": ComputeSize(gibibytes: 4, processors: 2),
        "BUILD_LAMBDA_8GB": ComputeSize(gibibytes: 8, processors: 4),
        "BUILD_LAMBDA_10GB": ComputeSize(gibibytes: 10, processors: 6),
    ]

    /// The size of a compute type, or nil when there is no such type.
    package static func named(_ name: String) -> ComputeSize? { types[name] }
}

/// A container that can be started: engine, image and options are known to work.
package struct PreparedContainer: Sendable, Hashable {
    /// What was asked for.
    package var settings: ContainerSettings
    /// The engine.
    package var engine: ContainerEngine
    /// The image, which is on this machine.
    package var image: ContainerImage
    /// The engine's options that work on this machine.
    package var engineOptions: EngineOptions
    /// The engine's command line, up to the name of what it is to do.
    package var command: [String] { [engine.executable.string] + engineOptions.global }

    /// The Docker socket that the build finds, whether the host's or its own engine's.
    package var dockerSocket: FilePath?
}
