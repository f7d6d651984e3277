/// Keys of `batch` (behaviour reference, section 1.10).
package enum BatchKey: String, SectionKey {
    case fastFail = "fast-fail"
    case buildGraph = "build-graph"
    case buildList = "build-list"
    case buildMatrix = "build-matrix"
    case buildFanout = "build-fanout"

    package static let section = "batch"

    /// The kinds of batch; a file has one of them.
    package static let kinds: [Self] = [.buildGraph, .buildList, .buildMatrix, .buildFanout]

    package static let rules: [SectionRule<Self>] = [.takesOneOf(kinds)]

    package var definition: KeyDefinition {
        switch self {
        case .fastFail: KeyDefinition(.boolean, "Whether the first failure stops all builds.")
        case .buildGraph: KeyDefinition(.sections(GraphBuildKey.self), "Builds that depend on each other.")
        case .buildList: KeyDefinition(.sections(ListBuildKey.self), "Builds that run at the same time.")
        case .buildMatrix: KeyDefinition(.section(MatrixKey.self), "Builds of every combination.")
        case .buildFanout: KeyDefinition(.section(FanoutKey.self), "Equal builds that share tests out.")
        }
    }
}

/// Keys of one item of `batch/build-graph`.
package enum GraphBuildKey: String, SectionKey {
    case identifier
    case buildspec
    case debugSession = "debug-session"
    case dependOn = "depend-on"
    case env
    case ignoreFailure = "ignore-failure"

    package static let section = "batch/build-graph/<build>"

    package static let rules: [SectionRule<Self>] = [.needs(.identifier)]

    package var definition: KeyDefinition {
        switch self {
        case .identifier: KeyDefinition(.text, "The build's name within the batch.", isRequired: true)
        case .buildspec: KeyDefinition(.text, "Path or text of the build's own buildspec.")
        case .debugSession: KeyDefinition(.boolean, "Whether the build can be paused for debugging.")
        case .dependOn: KeyDefinition(.texts, "Identifiers of builds that must complete first.")
        case .env: KeyDefinition(.section(BatchEnvironmentKey.self), "What the build environment overrides.")
        case .ignoreFailure: KeyDefinition(.boolean, "Whether the batch goes on without this build.")
        }
    }
}

/// Keys of one item of `batch/build-list`: those of a graph, but for the dependencies.
package enum ListBuildKey: String, SectionKey {
    case identifier
    case buildspec
    case debugSession = "debug-session"
    case env
    case ignoreFailure = "ignore-failure"

    package static let section = "batch/build-list/<build>"

    package static let rules: [SectionRule<Self>] = [.needs(.identifier)]

    package var definition: KeyDefinition {
        GraphBuildKey(rawValue: rawValue)?.definition ?? KeyDefinition(.text, "")
    }
}

/// Keys of `env` of a batch's build.
package enum BatchEnvironmentKey: String, SectionKey {
    case computeType = "compute-type"
    case fleet
    case image
    case privilegedMode = "privileged-mode"
    case type
    case variables

    package static let section = "batch/<kind>/<build>/env"

    package static let rules: [SectionRule<Self>] = [.takesOneOf([.computeType, .fleet])]

    package var definition: KeyDefinition {
        switch self {
        case .computeType:
            KeyDefinition(.text, "The compute type; excludes fleet.").with(\.examples, Self.computeTypes)
        case .fleet: KeyDefinition(.text, "The ARN of a fleet; excludes compute-type.")
        case .image: KeyDefinition(.text, "The container image.")
        case .privilegedMode: KeyDefinition(.boolean, "Whether the container may run a Docker daemon.")
        case .type:
            KeyDefinition(.text, "The environment type.").with(\.examples, Self.environmentTypes)
        case .variables:
            KeyDefinition(.namedTexts, "Variables of the build.")
                .with(\.entryNames, ValuePattern.variableName)
        }
    }
}

extension BatchEnvironmentKey {
    /// Compute types that CodeBuild's API lists; it gains further ones, so that others are allowed too.
    static let computeTypes = [
        "BUILD_GENERAL1_SMALL", "BUILD_GENERAL1_MEDIUM", "BUILD_GENERAL1_LARGE", "BUILD_GENERAL1_XLARGE",
        "BUILD_GENERAL1_2XLARGE", "BUILD_LAMBDA_1GB", "BUILD_LAMBDA_2GB", "BUILD_LAMBDA_4GB",
        "BUILD_LAMBDA_8GB", "BUILD_LAMBDA_10GB",
    ]

    /// Environment types that CodeBuild's API lists; it gains further ones, so that others are allowed too.
    static let environmentTypes = [
        "LINUX_CONTAINER", "ARM_CONTAINER", "LINUX_GPU_CONTAINER", "LINUX_LAMBDA_CONTAINER",
        "ARM_LAMBDA_CONTAINER", "LINUX_EC2", "ARM_EC2", "WINDOWS_SERVER_2019_CONTAINER",
        "WINDOWS_SERVER_2022_CONTAINER", "WINDOWS_EC2", "MAC_ARM",
    ]
}

/// Keys of `batch/build-matrix`.
package enum MatrixKey: String, SectionKey {
    case `static`
    case dynamic

    package static let section = "batch/build-matrix"

    package var definition: KeyDefinition {
        switch self {
        case .static: KeyDefinition(.section(MatrixStaticKey.self), "What all builds have in common.")
        case .dynamic: KeyDefinition(.section(MatrixDynamicKey.self), "What the builds combine.")
        }
    }
}

/// Keys of `batch/build-matrix/static`.
package enum MatrixStaticKey: String, SectionKey {
    case ignoreFailure = "ignore-failure"
    case env

    package static let section = "batch/build-matrix/static"

    package var definition: KeyDefinition {
        switch self {
        case .ignoreFailure: KeyDefinition(.boolean, "Whether the batch goes on without a failed build.")
        case .env: KeyDefinition(.section(MatrixStaticEnvironmentKey.self), "The environment of all builds.")
        }
    }
}

/// Keys of `batch/build-matrix/static/env`.
package enum MatrixStaticEnvironmentKey: String, SectionKey {
    case privilegedMode = "privileged-mode"
    case type

    package static let section = "batch/build-matrix/static/env"

    package var definition: KeyDefinition {
        BatchEnvironmentKey(rawValue: rawValue)?.definition ?? KeyDefinition(.text, "")
    }
}

/// Keys of `batch/build-matrix/dynamic`.
package enum MatrixDynamicKey: String, SectionKey {
    case buildspec
    case env

    package static let section = "batch/build-matrix/dynamic"

    package var definition: KeyDefinition {
        switch self {
        case .buildspec: KeyDefinition(.texts, "Paths of buildspecs to combine.")
        case .env: KeyDefinition(.section(MatrixDynamicEnvironmentKey.self), "Environments to combine.")
        }
    }
}

/// Keys of `batch/build-matrix/dynamic/env`.
package enum MatrixDynamicEnvironmentKey: String, SectionKey {
    case computeType = "compute-type"
    case image
    case variables

    package static let section = "batch/build-matrix/dynamic/env"

    package var definition: KeyDefinition {
        switch self {
        case .computeType: KeyDefinition(.texts, "Compute types to combine.")
        case .image: KeyDefinition(.texts, "Container images to combine.")
        case .variables:
            KeyDefinition(.namedTextLists, "Variables, each with the values to combine.")
                .with(\.entryNames, ValuePattern.variableName)
        }
    }
}

/// Keys of `batch/build-fanout`.
package enum FanoutKey: String, SectionKey {
    case parallelism
    case ignoreFailure = "ignore-failure"

    package static let section = "batch/build-fanout"

    package static let rules: [SectionRule<Self>] = [.needs(.parallelism)]

    /// How many builds a fan-out can have.
    ///
    /// CodeBuild's quota is not documented; this bounds what we would start.
    package static let parallelismRange = 1...10_000

    package var definition: KeyDefinition {
        switch self {
        case .parallelism:
            KeyDefinition(
                .integer(Self.parallelismRange), "How many builds share the tests.", isRequired: true)
        case .ignoreFailure: KeyDefinition(.boolean, "Whether the batch goes on without a failed build.")
        }
    }
}
