/// The files that walks have found.
///
/// They are kept as they are selected in the end, because mostly nothing has to be changed any more.
struct FoundFiles {
    private(set) var files: [SelectedFile] = []
    /// Of each file, by which pattern of which base directory it was found; see ``FoundFile/order``.
    private var orders: [Int32] = []
    /// Links to directories among them, whose content cannot be stored in their place.
    private var directoryLinks: Set<Int> = []
    private var hasLinks = false
    private var walks = 1
    /// Set when a link to a directory was entered, so that files are not sorted any more.
    var isUnsorted = false

    var count: Int { files.count }

    /// Whether names are sorted and unique, no name is the directory of another, and there is no link to
    /// decide about: all this holds of what one walk finds in one tree.
    var isSettled: Bool { walks == 1 && !isUnsorted && !hasLinks }

    /// Every file with what is needed to decide between it and others.
    var candidates: [FoundFile] {
        files.indices.map { index in
            FoundFile(
                file: files[index], order: Int(orders[index]),
                linksToDirectory: directoryLinks.contains(index))
        }
    }

    mutating func append(_ file: SelectedFile, order: Int) {
        files.append(file)
        orders.append(Int32(clamping: order))
    }

    /// Adds a link that is only kept if it leads to something else that was found.
    mutating func append(link file: SelectedFile, order: Int, linksToDirectory: Bool) {
        if linksToDirectory { directoryLinks.insert(files.count) }
        hasLinks = true
        append(file, order: order)
    }

    /// Adds what another walk found.
    mutating func append(contentsOf other: FoundFiles) {
        guard !files.isEmpty else {
            self = other
            return
        }
        walks += other.walks
        hasLinks = hasLinks || other.hasLinks
        for index in other.directoryLinks { directoryLinks.insert(index + files.count) }
        files += other.files
        orders += other.orders
    }

    /// Replaces the orders, which are indices of a walk's patterns.
    mutating func reorder(_ order: (Int) -> Int) {
        for index in orders.indices { orders[index] = Int32(clamping: order(Int(orders[index]))) }
    }
}

/// One of several files that may have the same name in the end.
struct FoundFile {
    /// A link that may be kept is a link here.
    let file: SelectedFile
    /// Of two with the same name, the one with the higher order wins: base directory, then pattern.
    let order: Int
    /// Whether a kept link leads to a directory, so that its content cannot be stored in its place.
    let linksToDirectory: Bool

    var name: EntryName { file.name }
}
