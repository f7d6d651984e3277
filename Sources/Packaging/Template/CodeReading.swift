import Archiving
import SystemPackage

/// Code that is read while the way to the store is still being opened.
package final class CodeReading: Sendable {
    typealias Reading = Task<Result<CodeFingerprint, TemplateError>, Never>

    let threads: CodeThreads
    let memory: CodeMemory?
    /// Left out of zips.
    let output: FilePath?
    /// How much zips are compressed.
    let level: Int
    private let begun: [FilePath: Reading]
    /// What it has begun to read, in order.
    private let paths: [FilePath]

    private init(
        _ code: [(path: FilePath, label: String)], _ threads: CodeThreads, memory: CodeMemory?,
        output: FilePath?, level: Int
    ) {
        self.threads = threads
        self.memory = memory
        self.output = output
        self.level = level
        var begun: [FilePath: Reading] = [:]
        for (path, label) in code {
            begun[path] = Task {
                do throws(TemplateError) {
                    return .success(
                        try await threads.run { isCancelled throws(TemplateError) -> CodeFingerprint in
                            try Self.read(path, label, memory: memory, output: output, isCancelled)
                        })
                } catch {
                    return .failure(error)
                }
            }
        }
        self.begun = begun
        paths = code.map(\.path)
    }

    /// Begins to read some code, which goes on while `body` runs.
    static func with<R, Failure: Error>(
        _ code: [(path: FilePath, label: String)], threads count: Int, memory: CodeMemory?, output: FilePath?,
        level: Int, _ body: (CodeReading) async throws(Failure) -> R
    ) async throws(Failure) -> R {
        try await CodeThreads.with(count) { threads throws(Failure) in
            let reading = CodeReading(code, threads, memory: memory, output: output, level: level)
            defer { for task in reading.begun.values { task.cancel() } }
            return try await body(reading)
        }
    }

    /// What a tree is as far as that is known; a tree of which nothing is known is hashed while it is packed.
    ///
    /// - Throws: `TemplateError`
    func fingerprint(of path: FilePath, _ label: String) async throws(TemplateError) -> CodeFingerprint {
        if let task = begun[path] {
            return try await withTaskCancellationHandler {
                await task.value
            } onCancel: {
                task.cancel()
            }.get()
        }
        return try await threads.run {
            [memory, output] isCancelled throws(TemplateError) -> CodeFingerprint in
            try Self.read(path, label, memory: memory, output: output, isCancelled)
        }
    }

    /// The zip that code became before; nil where that is not known.
    func zip(of code: CodeFingerprint) -> CodeMemory.Zip? {
        code.digest.isEmpty ? nil : memory?.zip(of: code.digest, level: level)
    }

    /// How to pack what it has begun to read, as soon as all of that has been read.
    func plan() async -> PackingPlan {
        var trees: [PackingPlan.Candidate] = []
        for path in paths {
            // What cannot be read is told by whoever packs it.
            guard case .success(let code) = await begun[path]?.value else { continue }
            trees.append(
                PackingPlan.Candidate(path: path, entries: code.tree.entries, isNew: zip(of: code) == nil))
        }
        return PackingPlan(trees)
    }

    private static func read(
        _ path: FilePath, _ label: String, memory: CodeMemory?, output: FilePath?,
        _ isCancelled: @escaping () -> Bool
    ) throws(TemplateError) -> CodeFingerprint {
        do throws(ArchivingError) {
            let tree = try CodeTree(path, excluding: output, isCancelled: isCancelled)
            var fingerprint = CodeFingerprint(tree, memory: memory)
            if !fingerprint.isUnknown { try fingerprint.complete(memory: memory) }
            return fingerprint
        } catch {
            throw TemplateError(error, label)
        }
    }
}
