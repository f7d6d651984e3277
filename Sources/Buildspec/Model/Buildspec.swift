public import Diagnostics

/// A decoded `buildspec.yml`: every key that CodeBuild documents, with the place of each value.
///
/// Field names are CodeBuild's own. Scalars keep their literal text (`3.10` stays `3.10`, `NO` stays `NO`).
/// Behaviour reference, section 1.
public struct Buildspec: Sendable, Hashable {
    /// The dialect of the file.
    public enum Version: String, Sendable, Hashable, CaseIterable {
        /// Each command in a shell of its own, no state carries over (reference 1.11).
        case v0_1 = "0.1"
        /// Directory and variables carry over from command to command (reference 2.2).
        case v0_2 = "0.2"
    }

    /// `version`.
    public var version: Marked<Version>
    /// Whether `version` was written as a quoted string, which a batch build refuses (reference 1.2).
    public var versionIsQuoted: Bool
    /// Global `run-as`: the Linux user of all commands.
    public var runAs: Marked<String>?
    /// `env`, or `environment_variables` in version 0.1.
    public var env: Environment
    /// `proxy`.
    public var proxy: Proxy
    /// `batch`; its presence makes no batch build by itself.
    public var batch: Batch?
    /// `phases` in document order; at most one of each name.
    ///
    /// Empty in a batch-only file.
    public var phases: [Phase]
    /// `reports` in document order.
    public var reports: [Report]
    /// `artifacts`.
    public var artifacts: Artifacts?
    /// `cache`.
    public var cache: Cache?

    /// Makes an empty buildspec of a version; the decoder fills the rest.
    public init(version: Marked<Version>, versionIsQuoted: Bool = false) {
        self.version = version
        self.versionIsQuoted = versionIsQuoted
        self.env = Environment()
        self.proxy = Proxy()
        self.phases = []
        self.reports = []
    }

    /// The phase of that name, when the file has it.
    public func phase(_ name: Phase.Name) -> Phase? {
        phases.first { $0.name.value == name }
    }
}

/// A name given to a value, both with their places: one entry of `env/variables` and its like.
public struct NamedValue<Value: Sendable & Hashable>: Sendable, Hashable {
    /// The key.
    public var name: Marked<String>
    /// The value.
    public var value: Marked<Value>

    /// Pairs a name with a value.
    public init(name: Marked<String>, value: Marked<Value>) {
        self.name = name
        self.value = value
    }
}
