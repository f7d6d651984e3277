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
    ///
    /// The level is quick: people wait for it, and a few percent of size matter little on the way to a bucket.
    private static let options = ZipOptions(
        level: 3, fixedTime: LambdaPackage.defaultTime, normalizesModes: true)
    private static let smallTree: UInt64 = 8 << 20
    /// Functions have libraries in common more often than not.
    private let related = RelatedArchives(level: options.level)
    private let turns = Turns()

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
            if !forces, let zip = fingerprint.digest.isEmpty ? nil : memory?.zip(of: fingerprint.digest) {
                let key = prefix + zip.md5
                if try await isStored(key) {
                    await ledger.count(isNew: false, key)
                    return store.location(of: key)
                }
            }
            let file = try scratch.newFile(named: ".zip")
            defer { unlink(file.string) }
            let md5 = try await turns.take { isFirst throws(TemplateError) in
                try await threads.run(size: fingerprint.tree.size) {
                    isCancelled throws(TemplateError) -> String in
                    try pack(fingerprint, of: path, to: file, label, isAlone: isFirst, isCancelled)
                }
            }
            return try await put(.file(file), as: prefix + md5)
        }
    }

    /// Stores a text, such as a nested template.
    ///
    /// - Throws: `TemplateError`
    func put(_ bytes: [UInt8], extension name: String) async throws(TemplateError) -> TemplateLocation {
        let md5 = hexadecimal(Insecure.MD5.hash(data: bytes))
        return try await put(.bytes(bytes), as: prefix + md5 + "." + name)
    }

    /// Packs a tree and remembers the zip; its MD5.
    private func pack(
        _ known: CodeFingerprint, of path: FilePath, to file: FilePath, _ label: String, isAlone: Bool,
        _ isCancelled: @escaping () -> Bool
    ) throws(TemplateError) -> String {
        var fingerprint = known
        let md5 = try write(&fingerprint, to: file, label, isAlone: isAlone, isCancelled)
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
        memory?.remember(CodeMemory.Zip(md5: md5), of: fingerprint.digest)
        return md5
    }

    private func write(
        _ fingerprint: inout CodeFingerprint, to file: FilePath, _ label: String, isAlone: Bool,
        _ isCancelled: @escaping () -> Bool
    ) throws(TemplateError) -> String {
        let opened: FileDescriptor
        do {
            opened = try FileDescriptor.open(
                file, .readWrite, options: [.create, .exclusiveCreate, .noFollow, .closeOnExec],
                permissions: .ownerReadWrite)
        } catch {
            throw TemplateError(.unwritable, file.string, (error as? Errno)?.description ?? "\(error)")
        }
        defer { try? opened.close() }
        let digests = ContentDigests()
        var md5 = Insecure.MD5()
        var observer = ZipObserver(bytes: { md5.update(bufferPointer: $0) })
        observer.isCancelled = isCancelled
        let isHashed = fingerprint.digest.isEmpty
        if isHashed { observer.content = { digests.add($0, $1, known: $2) } }
        // A small tree has one thread: the others are busy with other trees.
        let isSmall = fingerprint.tree.size < Self.smallTree
        do throws(ArchivingError) {
            let writer = ZipWriter(
                options: Self.options, threads: isSmall && !isAlone ? 1 : nil, related: related)
            let tree = fingerprint.tree
            _ = try writer.write(tree.selection, statuses: tree.statuses, to: opened, observer: observer)
            if isHashed { try fingerprint.complete(digests.all, memory: memory) }
        } catch {
            throw TemplateError(error, label)
        }
        return hexadecimal(md5.finalize())
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

/// Lets one go ahead and the others follow when it is done: what they have in common with it need not be done again.
private actor Turns {
    private var isTaken = false
    private var isOver = false
    private var waiting: [CheckedContinuation<Void, Never>] = []

    /// Runs a body, which is told whether it is the first.
    func take<R: Sendable, Failure: Error>(
        _ body: @Sendable (Bool) async throws(Failure) -> R
    ) async throws(Failure) -> R {
        let isFirst = !isTaken
        isTaken = true
        guard isFirst else {
            if !isOver { await withCheckedContinuation { waiting.append($0) } }
            return try await body(false)
        }
        defer {
            isOver = true
            for other in waiting { other.resume() }
            waiting = []
        }
        return try await body(true)
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
