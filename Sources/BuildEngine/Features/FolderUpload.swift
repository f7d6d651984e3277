import Archiving
import BuildProject
import Glibc
import SystemPackage

/// An artifact of packaging NONE on its way into the store: an object a file, with the content type of its name
/// (behaviour reference, section 6.4).
///
/// Objects that earlier builds left in the folder stay.
struct FolderUpload {
    var job: UploadJob
    var selection: Selection

    /// Stores every file.
    /// - Throws: ``UploadFailure``; the files before the one that failed are stored then.
    func run() async throws(UploadFailure) {
        let directory = job.scene.plan.directories.staging
        let copy = directory.appending("file")
        let sealed = directory.appending("file.enc")
        var warnings: [String] = []
        for file in selection.files {
            guard case .file = file.content else {
                warnings.append("artifact leaves out \(file.displayPath): a folder in a store has no links")
                continue
            }
            let key = try key(of: file)
            defer { unlink(copy.string) }
            defer { unlink(sealed.string) }
            try extract(file, to: copy)
            _ = try await job.store(copy, sealed, key: key, contentType: ContentType.of(key))
        }
        for warning in warnings { await job.scene.log.agent(warning) }
    }

    private func key(of file: SelectedFile) throws(UploadFailure) -> String {
        guard let name = file.name.text, !name.unicodeScalars.contains(where: { $0.value < 0x20 }) else {
            throw UploadFailure(
                .clientError("the file name cannot be used as an object key: \(file.name)"), nil)
        }
        let key = job.key.isEmpty ? name : "\(job.key)/\(name)"
        guard key.utf8.count <= 1020 else {
            throw UploadFailure(.clientError("the object key is too long: \(file.name)"), nil)
        }
        return key
    }

    /// Copies a file out of the build's directories, so that what is hashed is what is stored.
    private func extract(_ file: SelectedFile, to copy: FilePath) throws(UploadFailure) {
        let source: FileDescriptor
        do throws(ArchivingError) {
            source = try selection.open(file)
        } catch {
            throw UploadFailure(.clientError(error.description), nil)
        }
        defer { try? source.close() }
        do {
            let target = try FileDescriptor.open(
                copy, .writeOnly, options: [.create, .exclusiveCreate, .noFollow, .closeOnExec],
                permissions: .ownerReadWrite)
            defer { try? target.close() }
            var buffer = [UInt8](repeating: 0, count: 1 << 20)
            while true {
                let count = try buffer.withUnsafeMutableBytes { try source.read(into: $0) }
                if count == 0 { break }
                _ = try target.writeAll(buffer.prefix(count))
            }
        } catch {
            let errno = error as? Errno ?? .ioError
            throw UploadFailure(RunnerFailure("write the artifact", errno, at: copy))
        }
    }
}

/// What browsers are told about a file, by its name.
enum ContentType {
    private static let types: [String: String] = [
        "avif": "image/avif", "bmp": "image/bmp", "bz2": "application/x-bzip2", "css": "text/css",
        "csv": "text/csv", "eot": "application/vnd.ms-fontobject", "gif": "image/gif",
        "gz": "application/gzip", "htm": "text/html", "html": "text/html", "ico": "image/x-icon",
        "jar": "application/java-archive", "jpeg": "image/jpeg", "jpg": "image/jpeg",
        "js": "text/javascript", "json": "application/json", "map": "application/json",
        "md": "text/markdown", "mjs": "text/javascript", "mp3": "audio/mpeg", "mp4": "video/mp4",
        "otf": "font/otf", "pdf": "application/pdf", "png": "image/png", "svg": "image/svg+xml",
        "tar": "application/x-tar", "tgz": "application/gzip", "tif": "image/tiff", "tiff": "image/tiff",
        "ttf": "font/ttf", "txt": "text/plain", "wasm": "application/wasm", "wav": "audio/wav",
        "webm": "video/webm", "webmanifest": "application/manifest+json", "webp": "image/webp",
        "woff": "font/woff", "woff2": "font/woff2", "xhtml": "application/xhtml+xml",
        "xml": "application/xml", "xz": "application/x-xz", "yaml": "application/yaml",
        "yml": "application/yaml", "zip": "application/zip",
    ]

    /// The media type of a file's extension; `application/octet-stream` for those that say nothing.
    static func of(_ name: String) -> String {
        guard let last = name.split(separator: "/").last, let dot = last.lastIndex(of: "."),
            dot != last.startIndex
        else { return "application/octet-stream" }
        return types[last[dot...].dropFirst().lowercased()] ?? "application/octet-stream"
    }
}
