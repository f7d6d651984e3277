import Archiving
import Glibc
package import SystemPackage

/// A template of CloudFormation or SAM whose local code is stored in a bucket, as `aws cloudformation package`
/// does it.
package struct TemplatePackage: Sendable {
    /// How a template is packaged.
    package struct Options: Sendable, Hashable {
        /// In front of every key, without a slash at its end; empty for none.
        package var prefix = ""
        /// Whether objects are stored again that are there already.
        package var forcesUpload = false
        /// Whether the result is JSON whatever the template is written in.
        package var usesJSON = false
        /// A file that is never a part of the code: the result, which may lie in a packaged directory.
        package var output: FilePath?
        /// Whether properties are packaged that the AWS CLI leaves alone.
        package var takesAllProperties = false
        /// How much zips are compressed, from 1 (fastest) to 12 (smallest).
        package var level = defaultLevel

        /// The quickest: people wait for it, and a few percent of size matter little on the way to a bucket.
        ///
        /// Of Python's packages zips are 6 to 8 percent larger than at zlib's level 6, which the AWS CLI has, and take up to a fifth
        /// less time than at level 3, where they are 2 to 4 percent larger.
        package static let defaultLevel = 1

        /// The AWS CLI's own ways.
        package init() {}
    }

    /// A packaged template.
    package struct Result: Sendable, Hashable {
        /// Its text.
        package let text: [UInt8]
        /// Objects that were stored.
        package let storedCount: Int
        /// Objects that were there already.
        package let unchangedCount: Int
        /// What is worth knowing, a line each.
        package let notes: [String]
    }

    private let documents: [TemplateDocument]
    private let references: [[TemplateReference]]
    private let notes: [String]
    private let options: Options

    /// Templates inside each other.
    private static let deepest = 32
    /// Artifacts that are packed and stored at the same time.
    private static let width = 16

    /// Reads a template and all that are nested in it; nothing is packed or stored yet.
    ///
    /// - Parameters:
    ///   - path: the absolute path of the template.
    ///   - name: how messages call it.
    ///   - options: how it is packaged.
    /// - Throws: `unreadable`, `malformed`, `missingPath`, `endlessNesting`.
    package init(_ path: FilePath, named name: String, options: Options) throws(TemplateError) {
        var reading = TemplateReading(takesAdditions: options.takesAllProperties)
        try reading.read(path, name, inside: [], limit: Self.deepest)
        documents = reading.documents
        references = reading.references
        notes = reading.notes
        self.options = options
    }

    /// Whether anything has to be stored.
    package var needsStore: Bool {
        references.joined().contains { reference in
            if case .location = reference.work { false } else { true }
        }
    }

    /// The packaged template of one that needs no store.
    package func unstored() -> Result {
        let edits = references.last.map { $0.compactMap { edit($0, [:], [:]) } } ?? []
        return Result(text: text(edits), storedCount: 0, unchangedCount: 0, notes: notes)
    }

    /// Begins to read the code, while `body` opens the way to a store.
    ///
    /// - Parameters:
    ///   - memory: what is known of earlier times.
    ///   - body: is given what ``package(into:asked:reading:scratch:)`` needs; the reading ends with it.
    /// - Returns: what `body` returns.
    /// - Throws: what `body` throws.
    package func readingCode<R, Failure: Error>(
        memory: CodeMemory?, _ body: (CodeReading) async throws(Failure) -> R
    ) async throws(Failure) -> R {
        let code = artifacts().prefix(Self.width).compactMap { artifact, label in
            if case .zip(let path) = artifact { (path: path, label: label) } else { nil }
        }
        let threads = min(WorkerThread.processorCount, Self.width)
        return try await CodeReading.with(
            code, threads: threads, memory: memory, output: options.output, level: options.level, body)
    }

    /// Packs and stores.
    ///
    /// - Parameters:
    ///   - store: where to.
    ///   - asked: what the store has, if that was asked before; it ends with the packaging.
    ///   - reading: the code, which ``readingCode(memory:_:)`` has begun to read.
    ///   - scratch: where zips are on their way, in a private directory.
    /// - Returns: the packaged template.
    /// - Throws: `TemplateError`; objects that were stored by then stay.
    package func package(
        into store: any TemplateStore, asked: StoreListing? = nil, reading: CodeReading, scratch: FilePath
    ) async throws(TemplateError) -> Result {
        let artifacts = artifacts()
        let total = artifacts.count + documents.count - 1
        let listing = options.forcesUpload ? nil : asked ?? (total < 4 ? nil : store.ask())
        defer { listing?.cancel() }
        let scratch = ScratchDirectory(in: scratch)
        defer { scratch.remove() }
        let ledger = UploadLedger(listing: listing)
        let packer = CodePacker(
            store: store, reading: reading, scratch: scratch,
            prefix: options.prefix.isEmpty ? "" : options.prefix + "/", forces: options.forcesUpload,
            ledger: ledger)
        defer { reading.memory?.save() }
        let places = try await pack(artifacts, with: packer)
        var nested: [FilePath: TemplateLocation] = [:]
        // Documents come after those that are nested in them.
        for (document, references) in zip(documents, references).dropLast() {
            let edits = references.compactMap { edit($0, places, nested) }
            let text = TemplateRewriter(document: document).text(with: edits)
            nested[document.path] = try await packer.put(text, extension: "template")
        }
        let edits = references.last.map { $0.compactMap { edit($0, places, nested) } } ?? []
        return Result(
            text: text(edits), storedCount: await ledger.stored.count,
            unchangedCount: await ledger.unchanged.subtracting(ledger.stored).count, notes: notes)
    }

    private func text(_ edits: [TemplateEdit]) -> [UInt8] {
        documents.last.map {
            TemplateRewriter(document: $0).text(with: edits, asJSON: options.usesJSON)
        } ?? []
    }

    /// What is to be packed, each once, with the place that names it first.
    private func artifacts() -> [(artifact: CodeArtifact, label: String)] {
        var seen: Set<CodeArtifact> = []
        return references.joined().compactMap { reference in
            guard case .artifact(let artifact) = reference.work, seen.insert(artifact).inserted else {
                return nil
            }
            return (artifact, reference.label)
        }
    }

    private func pack(
        _ artifacts: [(artifact: CodeArtifact, label: String)], with packer: CodePacker
    ) async throws(TemplateError) -> [CodeArtifact: TemplateLocation] {
        typealias Packed = Swift.Result<(CodeArtifact, TemplateLocation), TemplateError>
        let results = await withTaskGroup(of: Packed.self) { group in
            var results: [Packed] = []
            var isFailed = false
            for (index, (artifact, label)) in artifacts.enumerated() {
                if index >= Self.width, let result = await group.next() {
                    results.append(result)
                    if case .failure = result { isFailed = true }
                }
                guard !isFailed, !Task.isCancelled else { break }
                group.addTask {
                    do throws(TemplateError) {
                        return .success((artifact, try await packer.pack(artifact, label: label)))
                    } catch {
                        return .failure(error)
                    }
                }
            }
            for await result in group {
                if case .failure = result { group.cancelAll() }
                results.append(result)
            }
            return results
        }
        var places: [CodeArtifact: TemplateLocation] = [:]
        // What was cancelled because something else failed is not the reason.
        let failures = results.compactMap { result -> TemplateError? in
            if case .failure(let error) = result { error } else { nil }
        }
        if let failure = failures.first(where: { $0.code != .cancelled }) ?? failures.first { throw failure }
        guard !Task.isCancelled else {
            throw TemplateError(.cancelled, documents.last?.name ?? "the template", "cancelled")
        }
        for result in results {
            let (artifact, place) = try result.get()
            places[artifact] = place
        }
        return places
    }

    private func edit(
        _ reference: TemplateReference, _ places: [CodeArtifact: TemplateLocation],
        _ nested: [FilePath: TemplateLocation]
    ) -> TemplateEdit? {
        let location: TemplateLocation? =
            switch reference.work {
            case .artifact(let artifact): places[artifact]
            case .template(let path, _): nested[path]
            case .location(let location): location
            }
        return location.map { TemplateEdit(path: reference.path, value: reference.value(for: $0)) }
    }
}

/// Reads templates, those that are nested first.
private struct TemplateReading {
    let takesAdditions: Bool
    var documents: [TemplateDocument] = []
    var references: [[TemplateReference]] = []
    var notes: [String] = []

    init(takesAdditions: Bool) {
        self.takesAdditions = takesAdditions
    }

    mutating func read(
        _ path: FilePath, _ name: String, inside outer: [FilePath], limit: Int
    ) throws(TemplateError) {
        let document = try TemplateDocument(path, name: name)
        var finder = ReferenceFinder(document, takesAdditions: takesAdditions)
        try finder.run()
        for reference in finder.references {
            guard case .template(let inner, let name) = reference.work else { continue }
            guard inner != path, !outer.contains(inner) else {
                throw TemplateError(
                    .endlessNesting, reference.label,
                    "\(Printable.text(name)) is nested in itself")
            }
            guard outer.count < limit else {
                throw TemplateError(
                    .endlessNesting, reference.label, "more than \(limit) templates are nested in each other")
            }
            guard !documents.contains(where: { $0.path == inner }) else { continue }
            try read(inner, name, inside: outer + [path], limit: limit)
        }
        documents.append(document)
        references.append(finder.references)
        notes += finder.notes
    }
}
