import Glibc
package import SystemPackage

/// Where the commands of a build run, and what they find there.
package struct SandboxConfiguration: Sendable, Hashable {
    /// The ways to run commands.
    package enum Kind: String, Sendable, Hashable, CaseIterable {
        /// Namespaces made by `bwrap`: the host's files, processes and secrets are invisible.
        case bubblewrap
        /// A container of an image, made by podman or docker.
        case container
        /// The host itself, without any isolation.
        case host

        /// The kinds that need no image.
        package static let withoutImage: [Kind] = [.bubblewrap, .host]
    }

    /// Whether the build reaches the network.
    package enum Network: String, Sendable, Hashable, CaseIterable {
        case host
        case none
    }

    /// How commands run.
    package var kind: Kind
    /// The build's network.
    package var network: Network
    /// The private directories of the build.
    package var root: BuildRoot
    /// The `bwrap` executable; looked up on the runner's `PATH` when nil.
    package var bubblewrap: FilePath?
    /// Executables offered to the build in `/codebuild/user/bin`, by name; read-only inside.
    package var tools: [String: FilePath]
    /// Whether the build may change the system directories; means nothing on the host.
    package var system: SystemAccess
    /// The ways to a writable system to try, in this order; nil for those that suit the user.
    package var overlayWays: [OverlayWay]?
    /// Where what hides the host's secrets in a writable system is kept from build to build; nil to keep nothing.
    package var systemCache: FilePath?
    /// What the build may take of the machine.
    package var limits: SandboxLimits
    /// A directory offered as `/codebuild/image`, read-only; nil for what image or machine have there.
    package var imageFiles: FilePath?
    /// Engine and image; only for kind `container`, which needs it.
    package var container: PreparedContainer?

    /// Describes a sandbox.
    package init(
        kind: Kind, network: Network, root: BuildRoot, bubblewrap: FilePath? = nil,
        tools: [String: FilePath] = [:], system: SystemAccess = .readOnly,
        limits: SandboxLimits = SandboxLimits()
    ) {
        self.kind = kind
        self.network = network
        self.root = root
        self.bubblewrap = bubblewrap
        self.tools = tools
        self.system = system
        self.limits = limits
    }
}

extension SandboxConfiguration {
    /// Offers the tools where nothing can be mounted: as links, in a root that no build has touched yet.
    func linkTools() throws(SandboxError) {
        for (name, executable) in tools {
            let link = root.host(FilePath("codebuild/user/bin").appending(name))
            guard symlink(executable.string, link.string) == 0 || errno == EEXIST else {
                throw .fileSystem(link, Errno(rawValue: errno))
            }
        }
    }
}
