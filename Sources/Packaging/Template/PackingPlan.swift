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
    }

    /// The groups, in the order of their first trees.
    private(set) var groups: [Group] = []
    private var places: [FilePath: Int] = [:]

    /// A tree belongs to another one's group when one part in so many of its bytes seems to be there, too.
    private static let leastShare: UInt64 = 8
    /// What shorter files have in common saves nothing.
    private static let leastSize: UInt64 = 1_024

    /// What two files have in common that may be the same.
    private struct Key: Hashable {
        let name: ArraySlice<UInt8>
        let size: UInt64
    }

    /// Plans for trees in the order in which they are named.
    init(_ trees: [Candidate]) {
        var owners: [Key: Int] = [:]
        for tree in trees {
            var keys: [Key] = []
            var (size, common) = (UInt64(0), [UInt64](repeating: 0, count: groups.count))
            for entry in tree.entries {
                guard let status = entry.status else { continue }
                size += status.size
                guard status.size >= Self.leastSize else { continue }
                let key = Key(name: entry.file.name.lastComponent, size: status.size)
                if let owner = owners[key] { common[owner] += status.size } else { keys.append(key) }
            }
            let place: Int
            if let best = common.indices.max(by: { common[$0] < common[$1] }), common[best] > 0,
                common[best] >= size / Self.leastShare
            {
                place = best
            } else {
                place = groups.count
                groups.append(Group())
                for key in keys { owners[key] = place }
            }
            groups[place].count += 1
            groups[place].newCount += tree.isNew ? 1 : 0
            places[tree.path] = place
        }
    }

    /// The place among ``groups`` of a tree's group; nil for a tree it was not planned for.
    func group(of path: FilePath) -> Int? { places[path] }

    /// Whether trees of other groups have to be packed.
    func hasWork(besides group: Int) -> Bool {
        groups.indices.contains { $0 != group && groups[$0].newCount > 0 }
    }
}
