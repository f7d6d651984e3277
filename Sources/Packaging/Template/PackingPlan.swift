import Archiving
import SystemPackage

/// Which trees of code have so much in common that one of them goes ahead: what it packs need not be packed again for the
/// others.
///
/// Names and sizes alone tell what is likely. Where they deceive, packing takes longer and the zips are the same.
struct PackingPlan: Sendable, Hashable {
    /// A tree that may have to be packed.
    struct Candidate {
        /// By what it is asked for.
        let path: FilePath
        /// What is in it.
        let entries: [CodeTree.Entry]
        /// Whether it has to be packed whatever it turns out to be.
        let isNew: Bool
    }

    /// Trees that have something in common, or one that has nothing in common with any.
    struct Group: Sendable, Hashable {
        /// How many trees.
        fileprivate(set) var count = 0
        /// How many of them have to be packed.
        fileprivate(set) var newCount = 0
        /// Whether one of them has much in itself that comes again.
        fileprivate(set) var repeatsItself = false

        /// Whether what was packed is likely to come again.
        var hasRepetitions: Bool { count > 1 || repeatsItself }
    }

    /// The groups, in the order of their first trees.
    private(set) var groups: [Group] = []
    private var places: [FilePath: Int] = [:]

    /// A tree belongs to another one's group when one part in so many of its bytes seems to be there, too.
    private static let leastShare: UInt64 = 8
    /// What shorter files have in common saves nothing.
    private static let leastSize: UInt64 = 1_024
    /// Files that are looked for in other trees; what comes after so many takes no more memory.
    private static let mostKeys = 1 << 16

    /// What two files have in common that may be the same.
    private struct Key: Hashable {
        let name: ArraySlice<UInt8>
        let size: UInt64
    }

    /// Plans for trees in the order in which they are named.
    init(_ trees: [Candidate]) {
        var owners: [Key: Int] = [:]
        for tree in trees {
            let next = groups.count
            var keys: [Key] = []
            // Sums of sparse files may wrap around: then trees are only packed in another order.
            var (size, repeated, common) = (UInt64(0), UInt64(0), [UInt64](repeating: 0, count: next))
            for entry in tree.entries {
                guard let status = entry.status else { continue }
                size &+= status.size
                guard status.size >= Self.leastSize else { continue }
                let key = Key(name: entry.file.name.lastComponent, size: status.size)
                switch owners[key] {
                case nil:
                    guard owners.count < Self.mostKeys else { continue }
                    owners[key] = next
                    keys.append(key)
                case next: repeated &+= status.size
                case let owner?: common[owner] &+= status.size
                }
            }
            let place: Int
            if let best = common.indices.max(by: { common[$0] < common[$1] }),
                Self.isMuch(common[best], of: size)
            {
                place = best
                for key in keys { owners[key] = place }
            } else {
                place = next
                groups.append(Group())
            }
            if Self.isMuch(repeated, of: size) { groups[place].repeatsItself = true }
            groups[place].count += 1
            groups[place].newCount += tree.isNew ? 1 : 0
            places[tree.path] = place
        }
    }

    private static func isMuch(_ part: UInt64, of size: UInt64) -> Bool {
        part > 0 && part >= size / leastShare
    }

    /// The place among ``groups`` of a tree's group; nil for a tree it was not planned for.
    func group(of path: FilePath) -> Int? { places[path] }

    /// Whether trees of other groups have to be packed.
    func hasWork(besides group: Int) -> Bool {
        groups.indices.contains { $0 != group && groups[$0].newCount > 0 }
    }
}
