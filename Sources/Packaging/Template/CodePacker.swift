import Archiving
import Crypto
import Glibc
import SystemPackage

/// Turns code into objects named by their content, and gives them to the store where it does not have them.
struct CodePacker: Sendable {
    let store: any TemplateStore
    let memory: CodeMemory?
    /// A private directory for zips on their way.
    let scratch: FilePath
    /// In front of every key: empty, or with a slash at its end.
    let prefix: String
    /// Whether objects are stored again that are there already.
    let forces: Bool
    let ledger: UploadLedger
    /// Left out of zips.
    let output: FilePath?

    /// What the zips of templates are: times say nothing, and modes only who may execute.
    ///
    /// The level is quick: people wait for it, and a few percent of size matter little on the way to a bucket.
    private static let options = ZipOptions(
        level: 3, fixedTime: LambdaPackage.defaultTime, normalizesModes: true)

    /// The object that an artifact became.
    ///
    /// - Throws: `TemplateError`
    func pack(_ artifact: CodeArtifact, label: String) async throws(TemplateError) -> TemplateLocation {
        switch artifact {
        case .file(let path): return try await put(file: path, label)
        case .zip(let path):
            let fingerprint: CodeFingerprint
            do throws(ArchivingError) {
                fingerprint = try CodeFingerprint(CodeTree(path, excluding: output), memory: memory)
            } catch {
                throw TemplateError(error, label)
            }
            if !forces, let zip = memory?.zip(of: fingerprint.digest) {
                let key = prefix + zip.md5
                if try await isStored(key) {
                    await ledger.count(isNew: false, key)
                    return store.location(of: key)
                }
            }
            return try await put(zip: fingerprint, of: path, label)
        }
    }

    /// Stores a text, such as a nested template.
    ///
    /// - Throws: `TemplateError`
    func put(_ bytes: [UInt8], extension name: String) async throws(TemplateError) -> TemplateLocation {
        let md5 = hexadecimal(Insecure.MD5.hash(data: bytes))
        return try await put(.bytes(bytes), as: prefix + md5 + "." + name)
    }

    private func put(file path: FilePath, _ label: String) async throws(TemplateError) -> TemplateLocation {
        let md5 = try Self.md5(of: path, label)
        return try await put(.file(path), as: prefix + md5)
    }

    private func put(
        zip fingerprint: CodeFingerprint, of path: FilePath, _ label: String
    ) async throws(TemplateError) -> TemplateLocation {
        let file = scratch.appending("\(fingerprint.digest).\(UInt64.random(in: 0 ... .max)).zip")
        defer { unlink(file.string) }
        try write(fingerprint, to: file, label)
        let isUnchanged: Bool
        do throws(ArchivingError) {
            isUnchanged = try fingerprint.stillHolds(CodeTree(path, excluding: output))
        } catch {
            throw TemplateError(error, label)
        }
        guard isUnchanged else {
            throw TemplateError(
                .changed, label, "\(Printable.text(path.string)) changed while it was being packed",
                hint: "end whatever writes there, and package again")
        }
        let md5 = try Self.md5(of: file, label)
        memory?.remember(CodeMemory.Zip(md5: md5), of: fingerprint.digest)
        return try await put(.file(file), as: prefix + md5)
    }

    private func write(
        _ fingerprint: CodeFingerprint, to file: FilePath, _ label: String
    ) throws(TemplateError) {
        let opened: FileDescriptor
        do {
            opened = try FileDescriptor.open(
                file, .writeOnly, options: [.create, .exclusiveCreate, .noFollow, .closeOnExec],
                permissions: .ownerReadWrite)
        } catch {
            throw TemplateError(.unwritable, file.string, (error as? Errno)?.description ?? "\(error)")
        }
        defer { try? opened.close() }
        do throws(ArchivingError) {
            _ = try ZipWriter(options: Self.options).write(fingerprint.tree.selection, to: opened)
        } catch {
            throw TemplateError(error, label)
        }
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
        if try await ledger.listed().contains(key) { return true }
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
