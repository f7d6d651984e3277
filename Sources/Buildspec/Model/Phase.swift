public import Diagnostics

/// One entry of `phases` (reference 1.6).
public struct Phase: Sendable, Hashable {
    /// The four phases that have commands.
    ///
    /// Raw values are the keys; `Expecting:` lists sort them.
    public enum Name: String, Sendable, Hashable, CaseIterable {
        case install
        case preBuild = "pre_build"
        case build
        case postBuild = "post_build"
    }

    /// Which phase.
    public var name: Marked<Name>
    /// `run-as` of this phase; wins over the global one.
    public var runAs: Marked<String>?
    /// `on-failure`; nil means the default transitions of reference 3.2.
    public var onFailure: Marked<OnFailure>?
    /// `runtime-versions` (install only): language to version, literal text, in document order.
    public var runtimeVersions: [NamedValue<String>]
    /// `commands`: one entry a command, block scalars with their line breaks.
    public var commands: [Marked<String>]
    /// `finally`.
    public var finally: [Marked<String>]

    /// Makes a phase without commands.
    public init(name: Marked<Name>) {
        self.name = name
        runtimeVersions = []
        commands = []
        finally = []
    }
}

/// What happens after a phase failed (reference 1.6, on-failure).
public enum OnFailure: Sendable, Hashable {
    /// `ABORT`: the build stops after this phase.
    case abort
    /// `CONTINUE`: the next phase runs.
    case `continue`
    /// `RETRY`, `RETRY-<count>`, `RETRY-<regex>`, `RETRY-<count>-<regex>`: at most `count` further attempts
    /// (0 to 100, default 3), when the error text matches `pattern` (default `.*`).
    case retry(count: Int, pattern: String)
}
