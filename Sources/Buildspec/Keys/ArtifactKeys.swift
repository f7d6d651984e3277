/// Keys of `artifacts` (behaviour reference, section 1.8).
package enum ArtifactsKey: String, SectionKey {
    case files
    case name
    case discardPaths = "discard-paths"
    case baseDirectory = "base-directory"
    case excludePaths = "exclude-paths"
    case enableSymlinks = "enable-symlinks"
    case s3Prefix = "s3-prefix"
    case secondaryArtifacts = "secondary-artifacts"
    case type

    package static let section = "artifacts"

    package var definition: KeyDefinition {
        switch self {
        case .files:
            KeyDefinition(.texts, "Patterns of files, relative to base-directory.", isRequired: true)
        case .name: KeyDefinition(.text, "The artifact's name; a shell expands it.")
        case .discardPaths: KeyDefinition(.boolean, "Whether all files are put into one directory.")
        case .baseDirectory: KeyDefinition(.text, "The directory that the patterns start from.")
        case .excludePaths: KeyDefinition(.texts, "Patterns of files to leave out.")
        case .enableSymlinks: KeyDefinition(.boolean, "Whether symbolic links are kept as links.")
        case .s3Prefix: KeyDefinition(.text, "A prefix of the object's key in S3.")
        case .secondaryArtifacts:
            KeyDefinition(.namedSections(SecondaryArtifactKey.self), "Further artifacts by identifier.")
        case .type: KeyDefinition(.text, "Removed in version 0.2.", onlyIn: .v0_1)
        }
    }
}

/// Keys of one of `artifacts/secondary-artifacts` (behaviour reference, section 1.8).
package enum SecondaryArtifactKey: String, SectionKey {
    case files
    case name
    case discardPaths = "discard-paths"
    case baseDirectory = "base-directory"
    case excludePaths = "exclude-paths"
    case enableSymlinks = "enable-symlinks"
    case s3Prefix = "s3-prefix"
    case type

    package static let section = "artifacts/secondary-artifacts/<identifier>"

    package var definition: KeyDefinition {
        ArtifactsKey(rawValue: rawValue)?.definition ?? KeyDefinition(.text, "")
    }
}

/// Keys of one group of `reports` (behaviour reference, section 1.7).
package enum ReportKey: String, SectionKey {
    case files
    case fileFormat = "file-format"
    case baseDirectory = "base-directory"
    case discardPaths = "discard-paths"

    package static let section = "reports/<group>"

    package var definition: KeyDefinition {
        switch self {
        case .files:
            KeyDefinition(
                .texts, "Patterns of report files, relative to base-directory.", isRequired: true)
        case .fileFormat:
            KeyDefinition(
                .choice(Report.FileFormat.allCases.map(\.rawValue), ignoringCase: true),
                "The format of the report files; JUNITXML when not given.",
                defaultValue: Report.FileFormat.junitXML.rawValue)
        case .baseDirectory: KeyDefinition(.text, "The directory that the patterns start from.")
        case .discardPaths: KeyDefinition(.boolean, "Whether raw files are exported into one directory.")
        }
    }
}

/// Keys of `cache` (behaviour reference, section 1.9).
package enum CacheKey: String, SectionKey {
    case paths
    case key
    case fallbackKeys = "fallback-keys"
    case action

    package static let section = "cache"

    /// How many `fallback-keys` CodeBuild takes.
    package static let fallbackKeyLimit = 5

    package var definition: KeyDefinition {
        switch self {
        case .paths:
            KeyDefinition(.texts, "Patterns of files to keep between builds.", isRequired: true)
        case .key: KeyDefinition(.text, "The name of the kept state; a shell expands it.")
        case .fallbackKeys:
            KeyDefinition(.texts, "Prefixes of keys to try when key finds nothing; at most five.")
                .with(\.limit, Self.fallbackKeyLimit)
        case .action:
            KeyDefinition(
                .choice(Cache.Action.allCases.map(\.rawValue), ignoringCase: false),
                "Whether the cache is only restored, or only saved.")
        }
    }
}
