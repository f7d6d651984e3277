import BuildProject
import Diagnostics
import Sandbox

/// Whether a job's commands run in a container, and in which: the job's own `Image`, else the project's, else the worker's.
struct JobContainer: Sendable {
    private let wanted: String?
    private let project: ProjectEnvironment?
    private let defaults: JobDefaults
    private let environment: RunnerEnvironment

    init(
        _ configuration: JobConfiguration, _ project: BuildProject, _ defaults: JobDefaults,
        _ environment: RunnerEnvironment
    ) {
        wanted = configuration.image
        self.project = project.environment
        self.defaults = defaults
        self.environment = environment
    }

    /// The settings of the container; nil when there is none.
    ///
    /// A project's image alone asks for no container, as with `run`: an operator who wants them says `--sandbox container`.
    /// - Throws: ``JobFault`` when image and sandbox do not go together, or no image is named.
    func settings() throws(JobFault) -> ContainerSettings? {
        guard defaults.sandbox == .auto || defaults.sandbox == .container else {
            guard wanted == nil else {
                throw .configuration(
                    "Image: this build host runs commands in \(defaults.sandbox.rawValue), not in images",
                    hint: "leave Image out of the action's configuration")
            }
            return nil
        }
        let isAsked = wanted != nil || defaults.image != nil || defaults.sandbox == .container
        guard isAsked else { return nil }
        guard let image = wanted ?? project?.image ?? defaults.image else {
            throw .configuration(
                "Image: neither the action nor the project nor the build host names one",
                hint: "set Image in the action's configuration")
        }
        guard ImageName.isPlausible(image) else {
            throw .configuration("the project's environment.image: it is not an image's name")
        }
        var settings = ContainerSettings(image: image)
        settings.isPrivileged = project?.privilegedMode == true
        settings.size = project?.computeType.flatMap(ComputeSize.named)
        if let prefix = environment.variables["BUILDSPEC_IMAGE_PREFIX"], !prefix.isEmpty {
            settings.imagePrefix = prefix
        }
        return settings
    }
}

/// What a job's build needs to know of its project.
struct ProjectNeeds: Sendable {
    var project: BuildProject
    var isInContainer: Bool

    /// Refuses a project of which the build needs what its template does not tell, or which cannot be built on Linux.
    /// - Throws: ``JobFault``.
    func check() throws(JobFault) {
        let type = project.environment?.type ?? "LINUX_CONTAINER"
        guard !["WINDOWS", "MAC"].contains(where: type.hasPrefix) else {
            throw .configuration(
                "the project \(project.name): builds of type \(type) cannot run on this build host",
                hint: "name a project that is built on Linux")
        }
        guard let definition = project.definition else { return }
        var fields = [
            "environment.environmentVariables", "timeoutInMinutes", "source.buildspec", "serviceRole",
            "logsConfig", "cache.type",
        ]
        if isInContainer {
            fields += ["environment.image", "environment.computeType", "environment.privilegedMode"]
        }
        let wholes = definition.unknown.filter { ["environment", "source"].contains($0.field) }
        guard let first = (wholes + fields.flatMap(definition.unknown(below:))).first else { return }
        throw .configuration(
            "the project \(project.name): \(definition.file):\(first.value.range.start.line): \(first.field) is "
                + "\(first.value.expression), which the template does not tell",
            hint: "the host's operator has to write the value into the project definition")
    }
}
