import Diagnostics

/// Values outside the lists that CodeBuild documents: shells, runtimes, compute and environment types.
///
/// The lists grow with the service, so these are warnings.
struct DocumentedValues: BuildspecRule {
    init(_: Buildspec) {}

    func finish(_ buildspec: Buildspec, _ report: DecodingReport) {
        if let shell = buildspec.env.shell, !DocumentedNames.shells.contains(shell.value) {
            add(shell, "env/shell", ["bash", "/bin/sh", "powershell.exe", "cmd.exe"], report)
        }
        for phase in buildspec.phases where phase.name.value == .install {
            for runtime in phase.runtimeVersions { check(runtime.name, report) }
        }
        switch buildspec.batch?.kind {
        case .graph(let builds), .list(let builds):
            for build in builds {
                add(build.env.computeType, "compute-type", DocumentedNames.computeTypes, report)
                add(build.env.type, "type", DocumentedNames.environmentTypes, report)
            }
        case .matrix(let matrix):
            for type in matrix.computeTypes {
                add(type, "compute-type", DocumentedNames.computeTypes, report)
            }
            add(matrix.type, "type", DocumentedNames.environmentTypes, report)
        case .fanout, nil: break
        }
    }

    private func check(_ runtime: Marked<String>, _ report: DecodingReport) {
        guard !DocumentedNames.runtimes.contains(runtime.value) else { return }
        if runtime.value == "docker" {
            report.add(
                .unknownRuntime, "docker is no runtime of today's build images, which all have it",
                at: runtime.range, mend: "remove the line")
            return
        }
        report.add(
            .unknownRuntime,
            "no build image knows the runtime `\(runtime.value)`: they know \(Self.listed(DocumentedNames.runtimes))",
            at: runtime.range,
            mend: KeySuggestion.nearest(to: runtime.value, among: DocumentedNames.runtimes)
                .map { "did you mean `\($0)`?" })
    }

    private func add(
        _ value: Marked<String>?, _ key: String, _ documented: [String], _ report: DecodingReport
    ) {
        guard let value, !documented.contains(value.value), !value.value.contains("$") else { return }
        let nearest = KeySuggestion.nearest(to: value.value, among: documented)
        report.add(
            .undocumentedValue, "CodeBuild's documentation knows no \(key) `\(value.value)`", at: value.range,
            mend: nearest.map { "did you mean `\($0)`?" }
                ?? (documented.count > 6 ? nil : "it lists \(Self.listed(documented))"))
    }

    private static func listed(_ words: [String]) -> String { words.joined(separator: ", ") }
}

/// Names that CodeBuild's documentation lists.
package enum DocumentedNames {
    /// Values of `env/shell` (behaviour reference, section 1.4), and the same programs by their paths.
    package static let shells = [
        "bash", "/bin/bash", "/usr/bin/bash", "sh", "/bin/sh", "/usr/bin/sh", "powershell.exe", "cmd.exe",
    ]
    /// Languages of `runtime-versions` (behaviour reference, section 12.1).
    package static let runtimes = [
        "android", "dotnet", "golang", "java", "nodejs", "php", "python", "ruby", "rust",
    ]
    /// `computeType` of the API model `codebuild` 2016-10-06.
    package static let computeTypes = [
        "BUILD_GENERAL1_SMALL", "BUILD_GENERAL1_MEDIUM", "BUILD_GENERAL1_LARGE", "BUILD_GENERAL1_XLARGE",
        "BUILD_GENERAL1_2XLARGE", "BUILD_LAMBDA_1GB", "BUILD_LAMBDA_2GB", "BUILD_LAMBDA_4GB",
        "BUILD_LAMBDA_8GB",
        "BUILD_LAMBDA_10GB", "ATTRIBUTE_BASED_COMPUTE", "CUSTOM_INSTANCE_TYPE",
    ]
    /// `type` of an environment in the API model `codebuild` 2016-10-06.
    package static let environmentTypes = [
        "LINUX_CONTAINER", "LINUX_GPU_CONTAINER", "LINUX_LAMBDA_CONTAINER", "LINUX_EC2", "ARM_CONTAINER",
        "ARM_LAMBDA_CONTAINER", "ARM_EC2", "WINDOWS_CONTAINER", "WINDOWS_SERVER_2019_CONTAINER",
        "WINDOWS_SERVER_2022_CONTAINER", "WINDOWS_EC2", "MAC_ARM",
    ]
}
