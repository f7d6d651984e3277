import Archiving
import Crypto
import Glibc
import Synchronization
import SystemPackage

/// Turns code into objects named by their content, and gives them to the store where it does not have them.
struct CodePacker: Sendable {
    let store: any TemplateStore
    let reading: CodeReading
    /// For zips on their way.
    let scratch: ScratchDirectory
    /// In front of every key: empty, or with a slash at its end.
    let prefix: String
    /// Whether objects are stored again that are there already.
    let forces: Bool
    let ledger: UploadLedger
    private var threads: CodeThreads { reading.threads }
    private var memory: CodeMemory? { reading.memory }

    /// What the zips of templates are: times say nothing, and modes only who may execute.
    private let options: ZipOptions
    private static let smallTree: UInt64 = 8 << 20
    /// Functions have libraries in common more often than not.
    private let related: RelatedArchives
    private let turns: PackingTurns

    /// For zips of small trees, which are on their way in memory as long as there is room.
    private let room = MemoryRoom(8 << 20)
    /// Bytes and entries of trees whose zips are laid into files.
    private static let (largeTree, manyEntries): (UInt64, Int) = (4 << 20, 8_192)

    /// Packs with the threads, and remembers in the memory, of the reading.
    init(
        store: any TemplateStore, reading: CodeReading, scratch: ScratchDirectory, prefix: String,
        forces: Bool, ledger: UploadLedger
    ) {
        self.store = store
        self.reading = reading
        self.scratch = scratch
        self.prefix = prefix
        self.forces = forces
        self.ledger = ledger
        options = ZipOptions(
            level: reading.level, fixedTime: LambdaPackage.defaultTime, normalizesModes: true)
        related = RelatedArchives(level: reading.level)
        turns = PackingTurns { await reading.plan() }
    }

    /// The object that an artifact became.
    ///
    /// - Throws: `TemplateError`
    func pack(_ artifact: CodeArtifact, label: String) async throws(TemplateError) -> TemplateLocation {
        switch artifact {
        case .file(let path):
            let md5 = try await threads.run { _ throws(TemplateError) -> String in
                try Self.md5(of: path, label)
            }
            return try await put(.file(path), as: prefix + md5)
        case .zip(let path):
            let fingerprint = try await reading.fingerprint(of: path, label)
            if !forces, let zip = reading.zip(of: fingerprint) {
                let key = prefix + zip.md5
                if try await isStored(key) {
                    await ledger.count(isNew: false, key)
                    return store.location(of: key)
                }
            }
            let packed = try await turns.take(path) { turn throws(TemplateError) in
                try await threads.run(size: fingerprint.tree.size) {
                    isCancelled throws(TemplateError) -> PackedZip in
                    try pack(fingerprint, of: path, label, turn, isCancelled)
                }
            }
            defer { packed.remove() }
            return try await put(packed.content, as: prefix + packed.md5)
        }
    }

    /// Stores a text, such as a nested template.
    ///
    /// - Throws: `TemplateError`
    func put(_ bytes: [UInt8], extension name: String) async throws(TemplateError) -> TemplateLocation {
        let md5 = hexadecimal(Insecure.MD5.hash(data: bytes))
        return try await put(.bytes(bytes), as: prefix + md5 + "." + name)
    }

    /// Packs a tree and remembers the zip.
    private func pack(
        _ known: CodeFingerprint, of path: FilePath, _ label: String, _ turn: PackingTurns.Turn,
        _ isCancelled: @escaping () -> Bool
    ) throws(TemplateError) -> PackedZip {
        var fingerprint = known
        let packed = try write(&fingerprint, label, turn, isCancelled)
        var isDone = false
        defer { if !isDone { packed.remove() } }
        let isUnchanged: Bool
        do throws(ArchivingError) {
            isUnchanged = try fingerprint.stillHolds { () throws(ArchivingError) in
                try CodeTree(path, excluding: reading.output, isCancelled: isCancelled)
            }
        } catch {
            throw TemplateError(error, label)
        }
        guard isUnchanged else {
            throw TemplateError(
                .changed, label, "\(Printable.text(path.string)) changed while it was being packed",
                hint: "end whatever writes there, and package again")
        }
        memory?.remember(CodeMemory.Zip(md5: packed.md5), of: fingerprint.digest, level: reading.level)
        isDone = true
        return packed
    }

    private func write(
        _ fingerprint: inout CodeFingerprint, _ label: String, _ turn: PackingTurns.Turn,
        _ isCancelled: @escaping () -> Bool
    ) throws(TemplateError) -> PackedZip {
        let digests = ContentDigests()
        var md5 = Insecure.MD5()
        var observer = ZipObserver(bytes: { md5.update(bufferPointer: $0) })
        observer.isCancelled = isCancelled
        let isHashed = fingerprint.digest.isEmpty
        if isHashed { observer.content = { digests.add($0, $1, known: $2) } }
        let tree = fingerprint.tree
        // A small tree has one thread: the others are busy with other trees.
        let isSmall = tree.size < Self.smallTree
        let writer = ZipWriter(
            options: options, threads: isSmall && !turn.isAlone ? 1 : nil,
            related: turn.isRelated ? related : nil)
        let content: TemplateContent
        if tree.size < Self.largeTree, tree.entries.count < Self.manyEntries, room.take(Int(tree.size)) {
            var count = 0
            defer { room.give(Int(tree.size) - count) }
            do throws(ArchivingError) {
                let bytes = try writer.bytes(
                    of: tree.selection, statuses: tree.statuses, observer: observer)
                count = bytes.count
                content = .bytes(bytes)
            } catch {
                throw TemplateError(error, label)
            }
        } else {
            content = .file(try write(tree, with: writer, label, observer))
        }
        let packed = PackedZip(content: content, md5: hexadecimal(md5.finalize()), room: room)
        guard isHashed else { return packed }
        do throws(ArchivingError) {
            try fingerprint.complete(digests.all, memory: memory)
        } catch {
            packed.remove()
            throw TemplateError(error, label)
        }
        return packed
    }

    /// Writes a zip to a new file.
    private func write(
        _ tree: CodeTree, with writer: ZipWriter, _ label: String, _ observer: ZipObserver
    ) throws(TemplateError) -> FilePath {
        let file = try scratch.newFile(named: ".zip")
        var isDone = false
        defer { if !isDone { unlink(file.string) } }
        let opened: FileDescriptor
        do {
            opened = try FileDescriptor.open(
                file, .readWrite, options: [.create, .exclusiveCreate, .noFollow, .closeOnExec],
                permissions: .ownerReadWrite)
        } catch {
            throw TemplateError(.unwritable, file.string, (error as? Errno)?.description ?? "\(error)")
        }
        defer { try? opened.close() }
        do throws(ArchivingError) {
            _ = try writer.write(tree.selection, statuses: tree.statuses, to: opened, observer: observer)
        } catch {
            throw TemplateError(error, label)
        }
        isDone = true
        return file
    }

    private func put(
        _ content: TemplateContent, as key: String
    ) async throws(TemplateError) -> TemplateLocation {
        if !forces, try await isStored(key) {
            await ledger.count(isNew: false, key)
        } else if await ledger.claim(key) {
            try await store.store(content, as: key)
            await ledger.count(isNew: true, key)
        }
        return store.location(of: key)
    }

    private func isStored(_ key: String) async throws(TemplateError) -> Bool {
        let listed = try await ledger.listed()
        if listed.keys.contains(key) { return true }
        if listed.isComplete { return false }
        return try await store.contains(key)
    }

    private static func md5(of path: FilePath, _ label: String) throws(TemplateError) -> String {
        var md5 = Insecure.MD5()
        do throws(ArchivingError) {
            let file: FileDescriptor
            do {
                file = try FileDescriptor.open(path, .readOnly, options: .closeOnExec)
            } catch {
                throw ArchivingError.unreadable(path.string, (error as? Errno) ?? .ioError)
            }
            defer { try? file.close() }
            try ContentReading.read(file, path.string) { bytes in
                md5.update(bufferPointer: bytes)
            }
        } catch {
            throw TemplateError(error, label)
        }
        return hexadecimal(md5.finalize())
    }
}

/// SHA-256 of contents, gathered on several threads.
private final class ContentDigests: Sendable {
    private let digests = Mutex<[Int: ContentHash]>([:])

    var all: [Int: ContentHash] { digests.withLock { $0 } }

    func add(_ place: Int, _ content: UnsafeRawBufferPointer, known: ContentHash?) -> ContentHash? {
        let digest = known ?? ContentHash(SHA256.hash(data: content))
        digests.withLock { $0[place] = digest }
        return digest
    }
}
