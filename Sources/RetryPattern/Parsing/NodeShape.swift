/// What Go's limits ask of a part of an expression: how deep its tree is, and how often it repeats.
struct NodeShape {
    /// Which node stands at the top.
    ///
    /// Go joins a concatenation within a concatenation, and so for alternations.
    enum Kind {
        case single
        case concatenation
        case alternation
    }

    /// The greatest height that Go accepts.
    static let maximumHeight = 1000
    /// The greatest count, and product of nested counts, that Go accepts.
    static let maximumRepeats = 1000

    var kind = Kind.single
    /// Levels of the tree.
    var height = 1
    /// The greatest product of the counts on a way down.
    var repeats = 1

    /// The node above this one.
    func wrapped(repeats factor: Int = 1) -> NodeShape {
        NodeShape(kind: .single, height: height + 1, repeats: repeats * factor)
    }

    /// Several nodes side by side.
    struct Row {
        var kind: Kind
        private(set) var count = 0
        private var height = 0
        private var repeats = 1
        private var only = NodeShape()

        /// A row without nodes.
        init(_ kind: Kind) {
            self.kind = kind
        }

        /// Adds a node at the end.
        mutating func append(_ shape: NodeShape) {
            count += 1
            only = shape
            height = max(height, shape.kind == kind ? shape.height - 1 : shape.height)
            repeats = max(repeats, shape.repeats)
        }

        /// The node that stands for the row.
        var joined: NodeShape {
            switch count {
            case 0: NodeShape()
            case 1: only
            default: NodeShape(kind: kind, height: height + 1, repeats: repeats)
            }
        }
    }
}
