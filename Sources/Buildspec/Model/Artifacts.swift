public import Diagnostics

/// `artifacts` (reference 1.8).
///
/// The primary artifact's keys are `primary`.
public struct Artifacts: Sendable, Hashable {
    /// The section's own keys.
    ///
    /// Its `files` may be empty when only secondary artifacts are given.
    public var primary: Artifact
    /// `secondary-artifacts`: artifact identifier to its keys, in document order.
    public var secondary: [NamedValue<Artifact>]

    /// Makes the section.
    public init(primary: Artifact, secondary: [NamedValue<Artifact>] = []) {
        self.primary = primary
        self.secondary = secondary
    }
}

/// The keys of one artifact (reference 1.8, semantics in section 6).
public struct Artifact: Sendable, Hashable {
    /// `files`: patterns, relative to `base-directory`.
    public var files: [Marked<String>]
    /// `name`, evaluated by a shell when the project overrides artifact names.
    public var name: Marked<String>?
    /// `discard-paths`; nil when not given (then no).
    public var discardPaths: Marked<Bool>?
    /// `base-directory`; may be a pattern and may hold variables.
    public var baseDirectory: Marked<String>?
    /// `exclude-paths`.
    public var excludePaths: [Marked<String>]
    /// `enable-symlinks`; nil when not given (then no).
    public var enableSymlinks: Marked<Bool>?
    /// `s3-prefix`.
    public var s3Prefix: Marked<String>?

    /// Makes an artifact that selects nothing.
    public init() {
        files = []
        excludePaths = []
    }
}

/// `cache` (reference 1.9).
public struct Cache: Sendable, Hashable {
    /// `cache/action`.
    public enum Action: String, Sendable, Hashable, CaseIterable {
        case restore
        case save
    }

    /// `paths`.
    public var paths: [Marked<String>]
    /// `key`, evaluated by a shell.
    public var key: Marked<String>?
    /// `fallback-keys`, at most five.
    public var fallbackKeys: [Marked<String>]
    /// `action`; nil does both.
    public var action: Marked<Action>?

    /// Makes a cache section without paths.
    public init() {
        paths = []
        fallbackKeys = []
    }
}

/// One report group of `reports` (reference 1.7).
public struct Report: Sendable, Hashable {
    /// `file-format`, compared without regard to case.
    ///
    /// Raw values are CodeBuild's spelling.
    public enum FileFormat: String, Sendable, Hashable, CaseIterable {
        case cucumberJSON = "CUCUMBERJSON"
        case junitXML = "JUNITXML"
        case nunitXML = "NUNITXML"
        case nunit3XML = "NUNIT3XML"
        case testNGXML = "TESTNGXML"
        case visualStudioTRX = "VISUALSTUDIOTRX"
        case cloverXML = "CLOVERXML"
        case coberturaXML = "COBERTURAXML"
        case jacocoXML = "JACOCOXML"
        case simplecov = "SIMPLECOV"
    }

    /// The map key: report group name or ARN; may hold variables.
    public var group: Marked<String>
    /// `files`.
    public var files: [Marked<String>]
    /// `file-format`; nil when not given (then JUNITXML).
    public var fileFormat: Marked<FileFormat>?
    /// `base-directory`.
    public var baseDirectory: Marked<String>?
    /// `discard-paths`; nil when not given (then no).
    public var discardPaths: Marked<Bool>?

    /// Makes a report group without files.
    public init(group: Marked<String>) {
        self.group = group
        files = []
    }
}
