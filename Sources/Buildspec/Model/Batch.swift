public import Diagnostics

/// `batch` (reference 1.10).
public struct Batch: Sendable, Hashable {
    /// `fast-fail`; nil when not given (then no).
    public var fastFail: Marked<Bool>?
    /// Which of the four kinds; nil when the file gives none (refused when a batch is started).
    public var kind: Kind?

    /// Makes a batch of a kind.
    public init(fastFail: Marked<Bool>? = nil, kind: Kind? = nil) {
        self.fastFail = fastFail
        self.kind = kind
    }

    /// Exactly one of these is given.
    public enum Kind: Sendable, Hashable {
        /// `build-graph`.
        case graph([Build])
        /// `build-list`; its items never depend on each other.
        case list([Build])
        /// `build-matrix`.
        case matrix(Matrix)
        /// `build-fanout`: `parallelism` copies, and whether failures are ignored.
        case fanout(parallelism: Marked<Int>, ignoreFailure: Marked<Bool>?)
    }

    /// One item of `build-graph` or `build-list`.
    public struct Build: Sendable, Hashable {
        /// `identifier`.
        public var identifier: Marked<String>
        /// `buildspec`: a path, or inline text.
        public var buildspec: Marked<String>?
        /// `debug-session`.
        public var debugSession: Marked<Bool>?
        /// `depend-on` (graph only).
        public var dependOn: [Marked<String>]
        /// `env`.
        public var env: BuildEnvironment
        /// `ignore-failure`.
        public var ignoreFailure: Marked<Bool>?

        /// Makes an item that overrides nothing.
        public init(identifier: Marked<String>) {
            self.identifier = identifier
            dependOn = []
            env = BuildEnvironment()
        }
    }

    /// `env` of a batch item.
    public struct BuildEnvironment: Sendable, Hashable {
        /// `compute-type`; excludes `fleet`.
        public var computeType: Marked<String>?
        /// `fleet`: an ARN.
        public var fleet: Marked<String>?
        /// `image`.
        public var image: Marked<String>?
        /// `privileged-mode`.
        public var privilegedMode: Marked<Bool>?
        /// `type`.
        public var type: Marked<String>?
        /// `variables`.
        public var variables: [NamedValue<String>]

        /// Makes an environment that overrides nothing.
        public init() {
            variables = []
        }
    }

    /// `build-matrix`: the product of all `dynamic` lists.
    public struct Matrix: Sendable, Hashable {
        /// `static/ignore-failure`.
        public var ignoreFailure: Marked<Bool>?
        /// `static/env/privileged-mode`.
        public var privilegedMode: Marked<Bool>?
        /// `static/env/type`.
        public var type: Marked<String>?
        /// `dynamic/buildspec`.
        public var buildspecs: [Marked<String>]
        /// `dynamic/env/compute-type`.
        public var computeTypes: [Marked<String>]
        /// `dynamic/env/image`.
        public var images: [Marked<String>]
        /// `dynamic/env/variables`: name to the values it takes.
        public var variables: [NamedValue<[Marked<String>]>]

        /// Makes a matrix of one cell.
        public init() {
            buildspecs = []
            computeTypes = []
            images = []
            variables = []
        }
    }
}
