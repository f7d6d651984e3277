/// How much of a text is read before it is refused.
///
/// A text within these limits takes time and memory in proportion to its length; one that exceeds them is
/// refused before it costs more.
package struct YAMLLimits: Sendable, Hashable {
    /// Length of the text in bytes.
    package var bytes: Int
    /// Length of one line in bytes.
    package var lineBytes: Int
    /// Collections inside each other; the outermost is level 1.
    ///
    /// Never above ``deepest``.
    package var depth: Int
    /// Uses of aliases.
    package var aliases: Int
    /// Scalars, lists and maps together, every alias counted with all that it stands for.
    package var nodes: Int
    /// Bytes of all scalars together beyond the length of the text, every alias counted with all that it stands for.
    package var expandedBytes: Int
    /// `%TAG` directives; libyaml's time grows with their square.
    package var directives: Int

    /// Building and walking a tree recurses once a level: no deeper than any thread's stack can surely take.
    package static let deepest = 256

    /// The limits that hold unless others are given: 32 MiB in lines of up to 1 MiB, 64 levels, 1,000 aliases,
    /// a million nodes, and 8 MiB that aliases may add to the text.
    package static let standard = YAMLLimits()

    /// Makes limits; `depth` is held at ``deepest``.
    package init(
        bytes: Int = 32 << 20, lineBytes: Int = 1 << 20, depth: Int = 64, aliases: Int = 1_000,
        nodes: Int = 1_000_000,
        expandedBytes: Int = 8 << 20,
        directives: Int = 64
    ) {
        self.bytes = bytes
        self.lineBytes = lineBytes
        self.depth = min(depth, Self.deepest)
        self.aliases = aliases
        self.nodes = nodes
        self.expandedBytes = expandedBytes
        self.directives = directives
    }
}
